using System.Globalization;
using KestrelTlsUpgrade.Report.Internal.Advising;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The next step, and whom it would meet.</summary>
internal static class AdviceSection
{
    public static void Write(HtmlWriter html, ReportContent report)
    {
        if (report.Advice.Count == 0)
        {
            return;
        }

        html.Write($"""<section class="advice" aria-labelledby="advice"><h2 id="advice">Next step</h2>""");
        Write(html, report.Advice[0], 0);
        if (report.Advice.Count > 1)
        {
            html.Write($"""<details id="later-steps"><summary>Later steps: {report.Advice.Count - 1}</summary>""");
            for (var i = 1; i < report.Advice.Count; i++)
            {
                Write(html, report.Advice[i], i);
            }

            html.Write($"</details>");
        }

        html.Write($"</section>\n");
    }

    private static void Write(HtmlWriter html, Advice step, int number)
    {
        var (look, sign) = step.MeetsNobody ? ("good", "✓") : ("bad", "✕");
        html.Write($"""<article class="step"><h3><span class="{look}">{sign}</span> <span class="code">{FormatStep(step)}</span></h3><p>{step.Summary}</p>""");
        if (step.Callers.Count > 0)
        {
            html.Write($"""<details id="step-{number.ToString(CultureInfo.InvariantCulture)}"><summary>Who, and what to do: {step.Callers.Count}</summary><ul class="met">""");
            for (var i = 0; i < step.Callers.Count; i++)
            {
                // Those that follow each other often need the same.
                var isSaid = i + 1 < step.Callers.Count && step.Callers[i + 1].Remedy == step.Callers[i].Remedy;
                Write(html, step.Callers[i], isSaid ? null : step.Callers[i].Remedy);
            }

            html.Write($"</ul></details>");
        }

        html.Write($"</article>\n");
    }

    private static void Write(HtmlWriter html, AdvisedCaller caller, string? remedy)
    {
        var (look, words) = caller switch
        {
            { IsExpected: true } => ("never", "– expected"),
            { Outcome: StepOutcome.Refused } => ("bad", "✕ refused"),
            { Outcome: StepOutcome.Failing } => ("bad", "✕ fails"),
            { Outcome: StepOutcome.Redirected } => ("good", "✓ redirected"),
            _ => ("good", "✓ upgraded"),
        };
        html.Write($"""<li><span class="outcome {look}">{words}</span> <strong class="code">{CallerWords.FormatProduct(caller.Product)}</strong> <span class="code">{caller.Network}</span> {caller.Count} {(caller.Count == 1 ? "request" : "requests")}""");
        if (caller.Resources.Count > 0)
        {
            html.Write($""" for <span class="code">{string.Join(", ", caller.Resources)}</span>""");
        }

        if (remedy is not null)
        {
            html.Write($"""<span class="remark">{remedy}</span>""");
        }

        html.Write($"</li>");
        html.Write($"\n");
    }

    private static string FormatStep(Advice step) => step.Setting is AdviceWords.Everywhere ? step.Setting : $"{step.Setting}: {step.Value}";
}
