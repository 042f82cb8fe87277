namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>A field, or a family of fields, that proxies add to forwarded requests.</summary>
/// <param name="Name">The name of the field. A trailing <c>*</c> matches every field that begins with the rest.</param>
/// <param name="Reason">Which proxies add it, and where that is documented.</param>
internal sealed record ProxyField(string Name, string Reason)
{
    private const char Wildcard = '*';

    /// <summary>The name without its wildcard.</summary>
    public string Stem { get; } = Name.TrimEnd(Wildcard);

    /// <summary>Whether forward proxies add it. Their clients know of them.</summary>
    public bool IsOfForwardProxies { get; init; }

    public bool IsFamily => Name[^1] == Wildcard;

    public bool Covers(ReadOnlySpan<char> fieldName) => IsFamily
        ? fieldName.StartsWith(Stem, StringComparison.OrdinalIgnoreCase)
        : fieldName.Equals(Stem, StringComparison.OrdinalIgnoreCase);
}
