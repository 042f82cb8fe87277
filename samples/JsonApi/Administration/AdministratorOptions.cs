namespace JsonApi.Administration;

/// <summary>The section <c>Administration</c>.</summary>
internal sealed class AdministratorOptions
{
    /// <summary>
    /// SHA-256 fingerprints of the certificates that administrators have, in hexadecimal digits, with colons or without. Whoever
    /// is not named here is not let in: without any, nobody is.
    /// </summary>
    public IList<string> Fingerprints { get; } = [];

    public bool Allow(string fingerprint) => Fingerprints.Select(Normalize).Contains(fingerprint, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether each can be one. A typing error would lock its owner out, and not say so.</summary>
    public bool AreWellFormed() => Fingerprints.Select(Normalize).All(static text => text.Length == 64 && text.All(char.IsAsciiHexDigit));

    private static string Normalize(string fingerprint) => fingerprint.Replace(":", "", StringComparison.Ordinal).Trim();
}
