using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Verdicts;
using Spectre.Console;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>A probe report for a terminal.</summary>
internal static class TerminalReport
{
    public static void Write(IAnsiConsole console, ProbeReport report, Verdict verdict)
    {
        console.Write(Line($"{report.Target}", new Style(decoration: Decoration.Bold), $" {Whereabouts(report)}"));
        console.WriteLine();
        if (ReportSections.Of(report) is { Count: > 0 } sections)
        {
            console.Write(CreateGrid(sections));
            console.WriteLine();
        }

        WriteVerdict(console, verdict);
    }

    private static string Whereabouts(ProbeReport report) =>
        report.Reach.IsReachable ? $"at {report.Reach.Address}" : $"cannot be reached: {report.Reach.Error}";

    private static Grid CreateGrid(IReadOnlyList<ReportSection> sections)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(0));
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn();
        foreach (var section in sections)
        {
            grid.AddRow(new Text(section.Title, new Style(decoration: Decoration.Bold)), Text.Empty, Text.Empty);
            foreach (var row in section.Rows)
            {
                grid.AddRow(
                    new Text($"  {PrintableText.Of(row.Name)}"),
                    new Text(row.State, new Style(ColorOf(row.Tone))),
                    new Text(PrintableText.Of(row.Detail)));
            }
        }

        return grid;
    }

    private static void WriteVerdict(IAnsiConsole console, Verdict verdict)
    {
        var (text, tone) = verdict.Outcome switch
        {
            ProbeOutcome.Upgrades => ("Upgrades to TLS.", Tone.Good),
            ProbeOutcome.UpgradesWithFindings => ("Upgrades to TLS, but:", Tone.Warning),
            ProbeOutcome.DoesNotUpgrade => ("Does not upgrade to TLS.", Tone.Bad),
            _ => ("Unreachable: nobody there speaks HTTP.", Tone.Bad),
        };
        console.Write(Line(text, new Style(ColorOf(tone), decoration: Decoration.Bold), ""));
        if (verdict.Findings.Count > 0)
        {
            console.Write(CreateGrid(verdict.Findings));
        }
    }

    private static Grid CreateGrid(IReadOnlyList<Finding> findings)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().Padding(2, 0, 1, 0));
        grid.AddColumn();
        foreach (var finding in findings)
        {
            var severity = finding.Severity switch { Severity.Critical => Tone.Bad, Severity.Warning => Tone.Warning, _ => Tone.Neutral };
            grid.AddRow(
                new Text(finding.Severity.ToString().ToLowerInvariant(), new Style(ColorOf(severity))),
                new Text($"{PrintableText.Of(finding.Text)} [{finding.Code}]"));
        }

        return grid;
    }

    private static Paragraph Line(string start, Style style, string rest) => new Paragraph(start, style).Append($"{rest}\n");

    private static Color ColorOf(Tone tone) => tone switch
    {
        Tone.Good => Color.Green,
        Tone.Bad => Color.Red,
        Tone.Warning => Color.Yellow,
        _ => Color.Default,
    };
}
