namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>Which faults an exchange is to meet, by what it sends when nothing goes wrong.</summary>
internal static class FaultPlan
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    /// <summary>
    /// How many bytes of TLS go by without a fault of each kind. Where it is not 1, the bytes that matter more, those in clear text
    /// and of the headers of TLS records, have one fault each, and all kinds in turn. Between two records there is always every kind.
    /// </summary>
    public static int Every { get; } = int.Parse(
        Environment.GetEnvironmentVariable("FAULTS_EVERY") ?? "120", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whoever sends more than this sends content, but for the beginning.</summary>
    private const int MostHeads = 64 * 1024;

    private const int Beginning = 256;

    /// <summary>A prime, so that faults in content meet all places of blocks.</summary>
    private static readonly int ContentStride = 997 * Every;

    public static IEnumerable<Fault> For(IReadOnlyList<(byte[] ToServer, byte[] ToClient)> connections) =>
        connections.SelectMany((sent, number) =>
            For(number, Direction.ToServer, sent.ToServer).Concat(For(number, Direction.ToClient, sent.ToClient)));

    private static IEnumerable<Fault> For(int connection, Direction direction, byte[] sent)
    {
        var start = TlsWire.FindStart(sent);
        var records = TlsWire.FindRecords(sent, start);
        var marked = Marked(start, records);
        var turn = 0;
        var beginning = sent.Length > MostHeads ? Beginning : sent.Length;
        for (var offset = 0; offset <= sent.Length; offset += offset < beginning ? 1 : ContentStride)
        {
            var isMarked = marked.Contains(offset);
            turn += isMarked ? 1 : 0;
            for (var kind = 0; kind < Kinds.Length; kind++)
            {
                var isDue = Every == 1
                    || records.Contains(offset)
                    || (isMarked ? turn % Kinds.Length == kind : (offset % Every) == kind * Every / Kinds.Length);
                var fault = new Fault(Kinds[kind], connection, direction, offset);
                if (isDue && HasMeaning(fault, start, sent.Length))
                {
                    // Nothing else than TLS may become part of a handshake. Between two requests a client may go on elsewhere.
                    yield return fault with { IsFatal = fault.Kind is FaultKind.Insert && offset < records.ElementAtOrDefault(1) };
                }
            }
        }
    }

    /// <summary>There is no rest to hold back at the end, and nothing before the beginning to split it from.</summary>
    private static bool HasMeaning(Fault fault, int start, int length) => fault.Kind switch
    {
        FaultKind.Insert => start < length && fault.Offset >= start,
        FaultKind.Split => fault.Offset > 0 && fault.Offset < length,
        _ => !fault.IsHarmless || fault.Offset < length,
    };

    private static HashSet<int> Marked(int start, List<int> records)
    {
        var marked = Enumerable.Range(0, start + 1).ToHashSet();
        foreach (var record in records)
        {
            marked.UnionWith(Enumerable.Range(record, 6));
        }

        return marked;
    }
}
