namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// Looks up a value by server name, as Kestrel does for its section <c>Sni</c>: an exact name, then the longest <c>*.</c> suffix, then
/// <c>*</c>. Must pick the entry that Kestrel picks, so names are not normalised.
/// </summary>
internal sealed class ServerNameTable<T>
    where T : class
{
    public static readonly ServerNameTable<T> Empty = new([]);

    private readonly Dictionary<string, T> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly KeyValuePair<string, T>[] _bySuffix;

    public ServerNameTable(IEnumerable<KeyValuePair<string, T>> entries)
    {
        Entries = [.. entries];
        var bySuffix = new List<KeyValuePair<string, T>>();
        foreach (var (name, value) in Entries)
        {
            if (name is "*" || name.StartsWith("*.", StringComparison.Ordinal))
            {
                bySuffix.Add(new(name[1..], value));
            }
            else
            {
                _byName[name] = value;
            }
        }

        _bySuffix = [.. bySuffix.OrderByDescending(static pair => pair.Key.Length)];
    }

    /// <summary>The entries in their original order.</summary>
    public IReadOnlyList<KeyValuePair<string, T>> Entries { get; }

    public bool IsEmpty => Entries.Count == 0;

    /// <param name="name">A server name as SslStream reports it; empty if the client sent none.</param>
    public T? Find(string name)
    {
        if (_byName.TryGetValue(name, out var exact))
        {
            return exact;
        }

        foreach (var (suffix, value) in _bySuffix)
        {
            if (name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <param name="host">The host of a request.</param>
    public T? FindByHost(string host) => Find(ServerName.OfHost(host));
}
