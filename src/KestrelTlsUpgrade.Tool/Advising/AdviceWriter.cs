using System.Globalization;
using KestrelTlsUpgrade.Tool.Reporting;
using Spectre.Console;

namespace KestrelTlsUpgrade.Tool.Advising;

/// <summary>Writes advice for people.</summary>
internal sealed class AdviceWriter(IAnsiConsole console)
{
    private const int MaxCallers = 50;
    private const int MaxResources = 5;
    private const int MaxLaterSteps = 10;
    private const int MaxNameLength = 60;
    private const int MaxTextLength = 500;

    private static readonly Style Bold = new(decoration: Decoration.Bold);

    /// <param name="url">The URL of the report.</param>
    /// <param name="advice">What the report says.</param>
    /// <param name="wanted">The step to look at; <see langword="null"/> for the next one.</param>
    public void Write(Uri url, Advice advice, StepName? wanted)
    {
        console.Write(new Paragraph($"{url}", Bold).Append(
            advice.Since is { } since ? string.Create(CultureInfo.InvariantCulture, $" counts since {since.UtcDateTime:yyyy-MM-dd HH:mm}Z\n") : "\n"));
        console.WriteLine();
        if (advice.Find(wanted) is not { } step)
        {
            console.WriteLine($"{wanted} is in force on every endpoint.");
            return;
        }

        if (wanted is null)
        {
            WriteVerdict(step, "The next step, ", ", ");
            WriteStep(step);
            WriteLater([.. advice.Steps.Skip(1)]);
        }
        else
        {
            WriteVerdict(step, "", " ");
            WriteStep(step);
        }
    }

    private void WriteVerdict(AdvisedStep step, string before, string after) =>
        console.Write(new Paragraph(before).Append(Name(step.Name.ToString()), Bold).Append(after).Append($"{Judge(step)}.\n", StyleOf(step)));

    private void WriteStep(AdvisedStep step)
    {
        if (step.Summary.Length > 0)
        {
            console.Write(new Paragraph($"{Sentence(step.Summary)}\n"));
        }

        if (step.Callers.Count > 0)
        {
            console.WriteLine();
            console.Write(CreateGrid(step.Callers));
        }

        if (step.Callers.Count > MaxCallers)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {step.Callers.Count - MaxCallers} more callers; --json has all of them"));
        }
    }

    private void WriteLater(IReadOnlyList<AdvisedStep> steps)
    {
        if (steps.Count == 0)
        {
            return;
        }

        var grid = CreateGrid(columns: 3);
        foreach (var step in steps.Take(MaxLaterSteps))
        {
            grid.AddRow(
                new Text($"  {Name(step.Name.ToString())}"),
                new Text(Judge(step), StyleOf(step)),
                new Text(Sentence(step.Summary)));
        }

        console.WriteLine();
        console.Write(new Paragraph("After that\n", Bold));
        console.Write(grid);
    }

    private static Grid CreateGrid(IReadOnlyList<AdvisedCaller> callers)
    {
        var grid = CreateGrid(columns: 5);
        foreach (var caller in callers.Take(MaxCallers))
        {
            grid.AddRow(
                new Text($"  {(caller.Product.Length == 0 ? "(no name)" : Name(caller.Product))}"),
                new Text(Name(caller.Network)),
                new Text($"{Name(caller.Outcome)}{(caller.IsExpected ? ", expected" : "")}", new Style(caller.IsExpected ? Color.Default : ColorOf(caller.Outcome))),
                new Text(caller.Count is { } count ? string.Create(CultureInfo.InvariantCulture, $"{count:N0}") : ""),
                new Text(string.Join('\n', ((string[])[List(caller.Resources), Sentence(caller.Remedy)]).Where(static line => line.Length > 0))));
        }

        return grid;
    }

    private static Grid CreateGrid(int columns)
    {
        var grid = new Grid();
        for (var i = 1; i < columns; i++)
        {
            grid.AddColumn(new GridColumn().NoWrap().Padding(0, 0, 2, 0));
        }

        grid.AddColumn();
        return grid;
    }

    private static string List(IReadOnlyList<string> resources) =>
        string.Join(", ", resources.Take(MaxResources).Select(Name))
        + (resources.Count > MaxResources ? string.Create(CultureInfo.InvariantCulture, $" and {resources.Count - MaxResources} more") : "");

    private static string Name(string text) => PrintableText.Of(PrintableText.Cut(text, MaxNameLength));

    private static string Sentence(string text) => PrintableText.Of(PrintableText.Cut(text, MaxTextLength));

    private static string Judge(AdvisedStep step) => step.MeetsNobody ? "breaks no caller" : "breaks callers";

    private static Style StyleOf(AdvisedStep step) => new(step.MeetsNobody ? Color.Green : Color.Yellow);

    private static Color ColorOf(string outcome) => outcome switch
    {
        "refused" or "failing" => Color.Red,
        "redirected" => Color.Yellow,
        "upgraded" => Color.Green,
        _ => Color.Default,
    };
}
