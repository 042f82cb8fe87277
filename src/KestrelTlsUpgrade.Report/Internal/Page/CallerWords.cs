using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The text about a caller.</summary>
internal static class CallerWords
{
    public static string FormatProduct(string product) => product.Length == 0 ? "names no product" : product;

    /// <summary>Who it is. One that was shut out before it sent a request could name nothing.</summary>
    public static string FormatProduct(CallerContent caller) =>
        caller is { Product: "", DirectTlsShutOut: > 0, LastPlaintext: null, DirectTls: 0, Upgraded: 0, Redirected: 0 } ? "TLS client, names no product" : FormatProduct(caller.Product);

    /// <summary>What an operator should know of a caller, in a line.</summary>
    public static string Summarize(CallerContent caller, DateTimeOffset now)
    {
        var parts = new List<string>();
        Add(parts, Sum(caller, static row => row.WouldBe, "403", "426"), "would be refused");
        Add(parts, Sum(caller, static row => row.WouldBe, "307"), "would be redirected");
        Add(parts, Sum(caller, static row => row.WouldBe, "101"), "would be upgraded");
        Add(parts, Sum(caller, static row => row.Refused, "403", "426"), "refused");
        Add(parts, caller.Redirected, "redirected");
        Add(parts, caller.FailedUpgrades, "failed");
        Add(parts, caller.DirectTlsShutOut, "shut out");
        Add(parts, caller.Declined.Values.Sum(), "declined");
        if (caller.FallenBackUntil is { } until)
        {
            parts.Add($"in clear text for {CallersSection.FormatDuration(until - now)} more");
        }

        return string.Join(", ", parts);
    }

    /// <summary>What the report says of a resource.</summary>
    public static string Describe(CallerResourceContent resource)
    {
        var parts = new List<string>();
        Add(parts, resource.Refused.GetValueOrDefault("426"), "refused (426)");
        Add(parts, resource.Refused.GetValueOrDefault("403"), "refused (403)");
        Add(parts, resource.Refused.GetValueOrDefault("307"), "redirected (307)");
        Add(parts, resource.WouldBe.GetValueOrDefault("426"), "would be refused (426)");
        Add(parts, resource.WouldBe.GetValueOrDefault("403"), "would be refused (403)");
        Add(parts, resource.WouldBe.GetValueOrDefault("307"), "would be redirected (307)");
        Add(parts, resource.WouldBe.GetValueOrDefault("101"), "would be upgraded (101)");
        return parts.Count == 0 ? "nothing under the settings in force" : string.Join(", ", parts);
    }

    private static long Sum(
        CallerContent caller, Func<CallerResourceContent, IReadOnlyDictionary<string, long>> find, params string[] statuses) =>
        caller.Resources.Sum(row => statuses.Sum(status => find(row).GetValueOrDefault(status)));

    private static void Add(List<string> parts, long count, string words)
    {
        if (count > 0)
        {
            parts.Add($"{Share.FormatCount(count)} {words}");
        }
    }
}
