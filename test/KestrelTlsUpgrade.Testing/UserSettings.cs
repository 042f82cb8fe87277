using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// Keeps what the user of this machine has set in the environment away from the tests and from the programs that they start: proxies,
/// languages, colours, settings of ASP.NET Core and of the peers.
/// </summary>
internal static class UserSettings
{
    private static readonly string[] Names =
    [
        "ALL_PROXY", "COLORTERM", "FORCE_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "LANG", "LANGUAGE", "NO_COLOR", "NO_PROXY", "OPENSSL_CONF",
        "URLS", "WGETRC",
    ];

    private static readonly string[] Prefixes =
    [
        "ASPNETCORE_", "ConnectTunnel__", "CUPS_", "CURL_", "DOTNET_ENVIRONMENT", "DOTNET_SYSTEM_NET_", "DOTNET_URLS", "IPP_", "JAVA_",
        "JDK_JAVA_OPTIONS", "Kestrel__", "LC_", "Logging__", "NODE_", "OTEL_", "PYTHON", "SSL_CERT_", "TlsUpgrade__",
    ];

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Only test programs use this project.")]
    internal static void Remove()
    {
        foreach (var variable in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(Includes))
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        Environment.SetEnvironmentVariable("LC_ALL", "C.UTF-8");
    }

    /// <summary>Whether a variable is one of those that change what a test sees.</summary>
    private static bool Includes(string variable) =>
        Names.Contains(variable, StringComparer.OrdinalIgnoreCase)
        || Prefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
