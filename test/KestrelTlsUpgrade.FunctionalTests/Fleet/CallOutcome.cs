using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>What became of a request.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Details">What the caller saw.</param>
internal sealed record CallOutcome(CallOutcomeKind Kind, string Details)
{
    /// <summary>By the status and the content, which tells how the request arrived.</summary>
    public static CallOutcome Of(int status, string content) => new(
        status switch
        {
            StatusCodes.Status403Forbidden or StatusCodes.Status426UpgradeRequired => CallOutcomeKind.Refused,
            StatusCodes.Status200OK when FleetApplication.FindState(content) is { } state => state switch
            {
                TlsUpgradeState.Upgraded => CallOutcomeKind.Upgraded,
                TlsUpgradeState.DirectTls => CallOutcomeKind.Direct,
                _ => CallOutcomeKind.Clear,
            },
            _ => CallOutcomeKind.Failed,
        },
        $"{status} {content}");

    public static CallOutcome Of(RawResponse response) => Of(response.Status, response.Content);

    public static CallOutcome Of(Exception exception) => new(CallOutcomeKind.Failed, $"{exception.GetType().Name}: {exception.Message}");
}
