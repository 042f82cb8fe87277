namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether the server accepts an Upgrade field.</summary>
/// <param name="Request">The method and target of the request.</param>
/// <param name="Offer">The Upgrade field.</param>
/// <param name="NamesTls">Whether the field offers TLS.</param>
/// <param name="IsAccepted">Whether the answer was a 101.</param>
/// <param name="Status">The status code; <see langword="null"/> without an answer.</param>
/// <param name="SwitchedTo">The Upgrade field of the 101.</param>
/// <param name="Error">Why there is no answer.</param>
internal sealed record TokenResult(
    string Request,
    string Offer,
    bool NamesTls,
    bool IsAccepted = false,
    int? Status = null,
    IReadOnlyList<string>? SwitchedTo = null,
    string? Error = null);
