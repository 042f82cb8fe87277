using System.Text.Json.Nodes;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>What a step makes of a caller's requests: as a report predicts it, or as the caller then meets it.</summary>
/// <param name="Product">The caller's product.</param>
/// <param name="Outcome">What becomes of requests that were answered otherwise before.</param>
/// <param name="Path">What they are for; empty if that is not said.</param>
internal sealed record Prediction(string Product, CallOutcomeKind Outcome, string Path)
{
    private static readonly Dictionary<string, CallOutcomeKind> Outcomes = new()
    {
        ["refused"] = CallOutcomeKind.Refused,
        ["redirected"] = CallOutcomeKind.Redirected,
        ["upgraded"] = CallOutcomeKind.Upgraded,
        ["failing"] = CallOutcomeKind.Failed,
    };

    /// <summary>What a report, as JSON, says of the next step.</summary>
    public static Prediction[] Read(JsonNode report) =>
    [
        .. from caller in report["advice"]![0]!["callers"]!.AsArray()
           let product = ((string)caller["product"]!).Split('/')[0]
           let outcome = Outcomes[(string)caller["outcome"]!]
           from path in caller["resources"]!.AsArray().Select(static resource => (string)resource!).DefaultIfEmpty("")
           select new Prediction(product, outcome, path),
    ];

    /// <summary>What becomes of requests under a step; with the step before it, of those that were answered otherwise then.</summary>
    public static Prediction[] Find(FleetStep? before, FleetStep step, IEnumerable<FleetRequest> requests) =>
    [
        .. from request in requests
           where request.Path is not ("" or FleetApplication.HeldPath)
           group request by (request.Caller.Product, request.Path, request.Caller, request.IsKept) into alike
           from outcome in FindNew(before is null ? [] : GetOutcomes(alike, before), GetOutcomes(alike, step))

           // What a kept connection is upgraded for, everything else on it is upgraded by.
           select new Prediction(alike.Key.Product, outcome, alike.Key.IsKept ? "" : alike.Key.Path),
    ];

    /// <summary>Whether both say the same, if both say of what.</summary>
    public bool Agrees(Prediction other) =>
        (Product, Outcome) == (other.Product, other.Outcome) && (Path == other.Path || Path.Length == 0 || other.Path.Length == 0);

    public override string ToString() =>
        $"{(Product.Length == 0 ? "one without a name" : Product)} {Outcome.ToString().ToLowerInvariant()}{(Path.Length == 0 ? "" : $" on {Path}")}";

    private static CallOutcomeKind[] GetOutcomes(IEnumerable<FleetRequest> requests, FleetStep step) =>
        [.. requests.Where(request => request.Step == step).Select(static request => request.Outcome.Kind).Distinct()];

    /// <summary>What did not happen before, or happened once and is the rule now.</summary>
    private static IEnumerable<CallOutcomeKind> FindNew(CallOutcomeKind[] before, CallOutcomeKind[] after) => after.Where(outcome =>
        outcome is not (CallOutcomeKind.Clear or CallOutcomeKind.Direct)
        && (!before.Contains(outcome) || (before.Contains(CallOutcomeKind.Clear) && !after.Contains(CallOutcomeKind.Clear))));
}
