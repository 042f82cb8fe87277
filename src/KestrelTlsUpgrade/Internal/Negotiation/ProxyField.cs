namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>A field, or a family of fields, that proxies add to the requests that they forward.</summary>
/// <param name="Name">The name of the field. A name that ends with <c>*</c> stands for all fields that begin with the rest.</param>
/// <param name="Reason">Who adds it, and where that is documented.</param>
internal sealed record ProxyField(string Name, string Reason)
{
    private const char Wildcard = '*';

    /// <summary>The name without its wildcard.</summary>
    public string Stem { get; } = Name.TrimEnd(Wildcard);

    public bool IsFamily => Name[^1] == Wildcard;

    public bool Covers(ReadOnlySpan<char> fieldName) => IsFamily
        ? fieldName.StartsWith(Stem, StringComparison.OrdinalIgnoreCase)
        : fieldName.Equals(Stem, StringComparison.OrdinalIgnoreCase);
}
