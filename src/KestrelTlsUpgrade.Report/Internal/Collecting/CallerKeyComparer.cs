namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>Looks up a caller by a span of the request, so that a known caller costs no allocation.</summary>
internal sealed class CallerKeyComparer : IEqualityComparer<CallerKey>, IAlternateEqualityComparer<CallerKeyComparer.Words, CallerKey>
{
    public bool Equals(CallerKey x, CallerKey y) => x == y;

    public int GetHashCode(CallerKey obj) => GetHashCode(new Words(obj.Product, obj.Network));

    public bool Equals(Words alternate, CallerKey other) =>
        alternate.Network == other.Network && alternate.Product.SequenceEqual(other.Product);

    public int GetHashCode(Words alternate) => HashCode.Combine(string.GetHashCode(alternate.Product), alternate.Network);

    public CallerKey Create(Words alternate) => new(alternate.Product.ToString(), alternate.Network);

    /// <summary>A key whose product is still part of a field.</summary>
    public readonly ref struct Words(ReadOnlySpan<char> product, NetworkPrefix network)
    {
        public ReadOnlySpan<char> Product { get; } = product;

        public NetworkPrefix Network { get; } = network;
    }
}
