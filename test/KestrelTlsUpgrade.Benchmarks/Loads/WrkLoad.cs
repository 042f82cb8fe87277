using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>wrk's requests, on connections that stay or a new one for each. Its shortest run is a second.</summary>
internal sealed partial record WrkLoad(bool IsHttps, bool IsNew = false) : Load
{
    public override string Unit => IsNew ? "connections" : "requests";

    public override int RoundTrips => IsNew ? 2 : 1;

    public override string Program => "wrk";

    public override async Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady)
    {
        var seconds = Math.Ceiling(duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string[] close = IsNew ? ["-H", "Connection: close"] : [];
        onReady();
        var output = await PeerProgram.RunAsync(
            Program, ["-t", "1", "-c", $"{connections}", "-d", $"{seconds}s", .. close, $"{(IsHttps ? "https" : "http")}://{server}/x"]);
        var match = Total().Match(output);
        if (!match.Success || output.Contains("Non-2xx", StringComparison.Ordinal) || FailedConnects().IsMatch(output))
        {
            throw new InvalidDataException(output);
        }

        var unit = match.Groups[3].Value == "m" ? 60 : 1;
        return new LoadResult(Parse(match.Groups[1]), TimeSpan.FromSeconds(Parse(match.Groups[2]) * unit));
    }

    private static double Parse(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) requests in ([\d.]+)(s|m)")]
    private static partial Regex Total();

    [GeneratedRegex(@"Socket errors: connect [1-9]|timeout [1-9]")]
    private static partial Regex FailedConnects();
}
