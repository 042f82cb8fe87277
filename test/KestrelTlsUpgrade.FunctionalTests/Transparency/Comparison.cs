using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>The answers of two servers to the same bytes, less the time of day.</summary>
internal sealed partial record Comparison(string With, string Without)
{
    private const int MaxAttempts = 8;

    /// <summary>
    /// A server that closes with input unread resets the connection. Whether the client still sends by then is a matter of
    /// timing, and so is whether the reset throws away the end of an answer that is on its way. So a difference counts at
    /// once where both connections ended properly, and is looked into again where one was reset. What a reset leaves is a
    /// beginning of the answer, so that the longest one that a server gave is its answer: those have to be equal, and the
    /// connections have to end alike, as everywhere else.
    /// </summary>
    public static async Task<Comparison> RunAsync(
        UpgradeServer with, UpgradeServer without, IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        var (longestWith, longestWithout) = ("", "");
        for (var attempt = 1; ; attempt++)
        {
            var ends = await Task.WhenAll(Exchange.RunAsync(with, segments), Exchange.RunAsync(without, segments));
            longestWith = Longer(longestWith, ends[0]);
            longestWithout = Longer(longestWithout, ends[1]);
            var result = new Comparison(longestWith + End(ends[0]), longestWithout + End(ends[1]));
            if (result.With == result.Without || attempt == MaxAttempts || !ends.Any(exchange => exchange.IsReset))
            {
                return result;
            }
        }
    }

    private static string End(Exchange exchange) => exchange.IsReset ? "(reset)" : "(closed)";

    private static string Longer(string before, Exchange exchange)
    {
        var now = DateLine().Replace(exchange.Answer, "");
        return exchange.IsReset && before.Length > now.Length ? before : now;
    }

    [GeneratedRegex("(?<=\n)Date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n")]
    private static partial Regex DateLine();
}
