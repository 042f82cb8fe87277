using System.Security.Cryptography;
using System.Text;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>What became of the requests of each caller, why, and what to do about it.</summary>
internal static class CallerDetailsSection
{
    /// <summary>The number of callers that are shown at once. The rest can be unfolded.</summary>
    private const int ShownAtOnce = 20;

    public static void Write(HtmlWriter html, ReportContent report)
    {
        var callers = report.Callers.All.Where(static caller => HasDetails(caller)).OrderByDescending(static caller => IsInTrouble(caller)).ToArray();
        if (callers.Length == 0)
        {
            return;
        }

        html.Write($"""<section aria-labelledby="details"><h2 id="details">What became of them, and what to do</h2>""");
        foreach (var caller in callers.Take(ShownAtOnce))
        {
            Write(html, caller, report.GeneratedAt);
        }

        if (callers.Length > ShownAtOnce)
        {
            html.Write($"""<details id="details-more"><summary>{callers.Length - ShownAtOnce} more</summary>""");
            foreach (var caller in callers.Skip(ShownAtOnce))
            {
                Write(html, caller, report.GeneratedAt);
            }

            html.Write($"</details>");
        }

        html.Write($"</section>\n");
    }

    private static bool HasDetails(CallerContent caller) =>
        IsInTrouble(caller) || caller.Declined.Count > 0 || caller.Resources.Count > 0 || caller.Addresses is { Count: > 0 };

    private static bool IsInTrouble(CallerContent caller) => caller.Failures.Count > 0 || caller.FallenBackUntil is not null;

    private static void Write(HtmlWriter html, CallerContent caller, DateTimeOffset now)
    {
        html.Write(
            $"""
            <details class="who" id="who-{GetId(caller)}"><summary><strong class="code">{CallerWords.FormatProduct(caller)}</strong> <span class="code">{caller.Network}</span> <span class="remark">{CallerWords.Summarize(caller, now)}</span></summary><dl>

            """);
        WriteRow(html, "Requests", FormatRequests(caller));
        foreach (var failure in caller.Failures)
        {
            Write(html, failure, now);
        }

        foreach (var (tag, count) in caller.Declined)
        {
            WriteRow(html, $"Declined: {Share.FormatCount(count)}", DeclineDescription.Explain(tag));
        }

        foreach (var resource in caller.Resources)
        {
            html.Write($"""<div><dt class="code">{resource.Resource}</dt><dd>{CallerWords.Describe(resource)}</dd></div>""");
            html.Write($"\n");
        }

        if (caller.Addresses is { Count: > 0 } addresses)
        {
            html.Write($"""<div><dt>Addresses</dt><dd class="code">{string.Join(", ", addresses)}</dd></div>""");
        }

        html.Write($"</dl></details>\n");
    }

    private static void Write(HtmlWriter html, CallerFailureContent failure, DateTimeOffset now)
    {
        html.Write($"""<div><dt>Failed: {failure.Count}</dt><dd><span class="code">{failure.Cause}</span>, {CallersSection.FormatAge(failure.Last, now)}. {failure.Explanation}""");
        if (failure.Host is { } host)
        {
            html.Write($""" It called <span class="code">{host}</span>, which the certificate does not name.""");
        }

        if (failure.Versions is { } versions)
        {
            html.Write($" It offered {versions}.");
        }

        html.Write($"""<span class="todo"><strong>Owner:</strong> {failure.Owner}</span><span class="todo"><strong>Client:</strong> {failure.Client}</span></dd></div>""");
        html.Write($"\n");
    }

    private static string FormatRequests(CallerContent caller)
    {
        (long Count, string Words)[] kinds =
        [
            (caller.Plaintext, "in clear text"),
            (caller.Redirected, "redirected to https"),
            (caller.Upgraded, "upgraded"),
            (caller.AfterUpgrade, "on upgraded connections"),
            (caller.DirectTls, "over direct TLS"),
            (caller.FailedUpgrades, "lost with failed upgrades"),
            (caller.DirectTlsShutOut, "shut out over direct TLS"),
        ];
        return string.Join(", ", kinds.Where(static kind => kind.Count > 0).Select(static kind => $"{Share.FormatCount(kind.Count)} {kind.Words}"));
    }

    private static void WriteRow(HtmlWriter html, string name, string value)
    {
        html.Write($"<div><dt>{name}</dt><dd>{value}</dd></div>");
        html.Write($"\n");
    }

    /// <summary>The same for the same caller, so that what is unfolded stays so when the figures are refreshed.</summary>
    private static string GetId(CallerContent caller) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.IsExpected} {caller.Network} {caller.Product}")).AsSpan(0, 8));
}
