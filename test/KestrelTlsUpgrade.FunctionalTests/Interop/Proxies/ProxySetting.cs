using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Proxies;

/// <summary>A reverse proxy in one of its usual settings. It denies <c>/admin</c> to everybody.</summary>
/// <param name="Proxy">Its name, as in <c>Proxies.md</c>.</param>
/// <param name="Name">The settings, as the table names them.</param>
/// <param name="Program">The program.</param>
/// <param name="Configuration">
/// Its configuration. <c>$port</c> stands for where it listens on 127.0.0.1, <c>$server</c> for the address of the server behind
/// it, <c>$serverport</c> for that one's port, <c>$directory</c> for a directory of its own, and <c>$line</c> for the line that
/// makes it safe.
/// </param>
/// <param name="Arguments">Its arguments. <c>$configuration</c> stands for the path of the configuration.</param>
internal sealed record ProxySetting(string Proxy, string Name, string Program, string Configuration, string[] Arguments)
{
    /// <summary>Starts the proxy and waits until it listens.</summary>
    /// <param name="serverPort">The server's port on 127.0.0.1.</param>
    /// <param name="line">The line that makes it safe, or nothing.</param>
    public Task<PeerProcess> StartAsync(int serverPort, string line) => PeerProcess.StartAsync(Program, async peer =>
    {
        var path = Path.Combine(peer.Home, "configuration");
        string Fill(string text) => text
            .Replace("$serverport", $"{serverPort}", StringComparison.Ordinal)
            .Replace("$server", $"127.0.0.1:{serverPort}", StringComparison.Ordinal)
            .Replace("$port", $"{peer.Port}", StringComparison.Ordinal)
            .Replace("$directory", peer.Home, StringComparison.Ordinal)
            .Replace("$configuration", path, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, Fill(Configuration).Replace("$line", line, StringComparison.Ordinal));
        return [.. Arguments.Select(Fill)];
    });

    public override string ToString() => $"{Proxy}, {Name}";
}
