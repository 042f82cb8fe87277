using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The kinds in the order in which columns are stacked, from the ground up.</summary>
internal static class Kinds
{
    public static Kind[] Of(RequestsContent requests) =>
    [
        new("plaintext", "Plaintext", requests.Plaintext),
        new("upgraded", "Upgraded", requests.Upgraded),
        new("direct", "Direct TLS", requests.DirectTls),
    ];

    public static Kind[] Of(ConnectionsContent connections) =>
    [
        new("plaintext", "Plaintext", connections.Plaintext),
        new("upgraded", "Upgraded", connections.Upgraded),
        new("direct", "Direct TLS", connections.DirectTls),
        new("refused", "Refused", connections.Refused),
        new("failed", "Handshake failed", connections.Failed),
        new("silent", "Silent", connections.Silent),
    ];

    public static long Sum(ReadOnlySpan<Kind> kinds)
    {
        var sum = 0L;
        foreach (var kind in kinds)
        {
            sum += kind.Count;
        }

        return sum;
    }
}

/// <summary>A kind of request or connection, as shown.</summary>
/// <param name="Name">Its word in style and markup.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Count">How many of it there are.</param>
internal readonly record struct Kind(string Name, string Title, long Count);
