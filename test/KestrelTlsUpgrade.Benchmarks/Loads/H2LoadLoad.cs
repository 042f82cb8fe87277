using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>h2load's requests over https on connections that stay, over HTTP/2 or HTTP/1.1.</summary>
internal sealed partial record H2LoadLoad(bool IsHttp2) : Load
{
    public override string Unit => "requests";

    public override int RoundTrips => 1;

    public override string Program => "h2load";

    public override async Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady)
    {
        var seconds = Math.Ceiling(duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string[] version = IsHttp2 ? [] : ["--h1"];
        onReady();
        var output = await PeerProgram.RunAsync(
            Program, ["-t", "1", "-c", $"{connections}", "-D", seconds, .. version, $"https://{server}/x"]);
        var (time, requests) = (Finished().Match(output), Requests().Match(output));
        if (!time.Success || !requests.Success || !output.Contains(IsHttp2 ? "protocol: h2" : "protocol: http/1.1", StringComparison.Ordinal))
        {
            throw new InvalidDataException(output);
        }

        var unit = time.Groups[2].Value == "ms" ? 1e-3 : 1;
        return new LoadResult(Parse(requests.Groups[1]), TimeSpan.FromSeconds(Parse(time.Groups[1]) * unit));
    }

    private static double Parse(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"finished in ([\d.]+)(ms|s)")]
    private static partial Regex Finished();

    [GeneratedRegex(@"(\d+) succeeded, 0 failed")]
    private static partial Regex Requests();
}
