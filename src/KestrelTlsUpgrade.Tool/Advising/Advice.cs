namespace KestrelTlsUpgrade.Tool.Advising;

/// <summary>What a server's report says of the steps that can be taken next.</summary>
/// <param name="Since">Since when the server counts; <see langword="null"/> if the report does not say.</param>
/// <param name="Steps">The steps, the next one first.</param>
/// <param name="Endpoints">The settings in force, by their names, of each endpoint.</param>
/// <param name="Json">The steps as they came, for scripts.</param>
internal sealed record Advice(
    DateTimeOffset? Since,
    IReadOnlyList<AdvisedStep> Steps,
    IReadOnlyList<IReadOnlyDictionary<string, string>> Endpoints,
    string Json)
{
    /// <summary>The step that is meant, or else the next one; <see langword="null"/> if it has been taken.</summary>
    /// <exception cref="ToolException">The report says nothing of this step.</exception>
    public AdvisedStep? Find(StepName? wanted)
    {
        if (Steps.Count == 0)
        {
            // There is always a further step where there is an endpoint that can take it.
            throw new ToolException(ExitCode.NoAdvice, "the report has no advice: no endpoint of the server upgrades connections");
        }

        if (wanted is null)
        {
            return Steps[0];
        }

        return Steps.FirstOrDefault(wanted.Names) is { } step ? step
            : IsInForce(wanted) ? null
            : throw new ToolException(
                ExitCode.NoAdvice, $"the report has no advice on {wanted}; its steps are {string.Join(", ", Steps.Select(static step => step.Name))}");
    }

    private bool IsInForce(StepName step) => Endpoints.Count > 0 && Endpoints.All(settings =>
        settings.TryGetValue(step.Setting, out var value) && value.Equals(step.Value, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A step: a setting, and the value that it would get.</summary>
internal sealed record StepName(string Setting, string Value)
{
    /// <summary>Parses <c>Setting=Value</c>; <see langword="null"/> if it is something else.</summary>
    public static StepName? Parse(string text) =>
        text.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } setting, { Length: > 0 } value] ? new(setting, value) : null;

    public bool Names(AdvisedStep step) =>
        Setting.Equals(step.Name.Setting, StringComparison.OrdinalIgnoreCase) && Value.Equals(step.Name.Value, StringComparison.OrdinalIgnoreCase);

    /// <summary>As in the configuration, and in the report's texts.</summary>
    public override string ToString() => Value.Length == 0 ? Setting : $"{Setting}: {Value}";
}

/// <summary>A step, and whom it would meet.</summary>
/// <param name="Name">The setting and its value.</param>
/// <param name="MeetsNobody">Whether no caller would be refused or fail, as far as the server has seen.</param>
/// <param name="Summary">The same in a sentence; empty if the report has none.</param>
/// <param name="Callers">The callers that would notice.</param>
internal sealed record AdvisedStep(StepName Name, bool MeetsNobody, string Summary, IReadOnlyList<AdvisedCaller> Callers);

/// <summary>A caller that a step would meet. What the report does not say is empty.</summary>
/// <param name="Product">The product that it names.</param>
/// <param name="Network">Where it calls from.</param>
/// <param name="Outcome">What would happen to it, such as <c>refused</c> or <c>upgraded</c>.</param>
/// <param name="Count">How many of its requests were counted.</param>
/// <param name="Resources">What it asked for.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="IsExpected">Whether the operator expects it, so that it does not count.</param>
internal sealed record AdvisedCaller(
    string Product, string Network, string Outcome, long? Count, IReadOnlyList<string> Resources, string Remedy, bool IsExpected);
