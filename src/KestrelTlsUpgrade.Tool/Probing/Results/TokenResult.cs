namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether a server takes an Upgrade field.</summary>
/// <param name="Request">The method and target that it was sent with.</param>
/// <param name="Offer">The field.</param>
/// <param name="NamesTls">Whether TLS is among what it offers.</param>
/// <param name="IsAccepted">Whether a 101 came.</param>
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
