namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>The answer to a plaintext request without an offer.</summary>
/// <param name="Request">The method and target.</param>
/// <param name="Status">The status code; <see langword="null"/> without an answer.</param>
/// <param name="Reason">The reason phrase.</param>
/// <param name="Server">The Server field.</param>
/// <param name="RequiresUpgrade">Whether it is a <c>426</c> (RFC 2817 section 4.2).</param>
/// <param name="AdvertisedTokens">The Upgrade field of the answer (RFC 2817 section 4.1). Empty where there is none, <see langword="null"/> without an answer.</param>
/// <param name="Error">Why there is no answer.</param>
internal sealed record PlainRequestResult(
    string Request,
    int? Status = null,
    string? Reason = null,
    string? Server = null,
    bool RequiresUpgrade = false,
    IReadOnlyList<string>? AdvertisedTokens = null,
    string? Error = null);
