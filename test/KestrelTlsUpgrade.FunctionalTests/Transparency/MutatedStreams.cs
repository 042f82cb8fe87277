using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Requests with a few bytes changed, always the same ones: none of them becomes an offer that counts.</summary>
internal static class MutatedStreams
{
    private const int PerRequest = 30;

    private static readonly (string Name, string Text)[] Originals =
    [
        ("plain", Request("GET /path/to?query=1 HTTP/1.1", "Accept: */*\r\nX-Field: value\r\n") + End),
        ("offer", Request("GET /path HTTP/1.1", "Upgrade: TLS/9.9\r\nConnection: Upgrade\r\n") + End),
        ("chunked", Request(
            "POST /path HTTP/1.1", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX: y\r\n\r\n") + End),
        ("content", Request("PUT /path HTTP/1.1", "Content-Length: 11\r\nContent-Type: text/plain\r\n", "hello world") + End),
    ];

    public static IEnumerable<RequestStream> All =>
        from original in Originals
        from number in Enumerable.Range(0, PerRequest)
        let name = $"mutated {original.Name} {number}"
        select new RequestStream(name, Mutate(original.Text, new Random(Seed(name))));

    private static string Mutate(string text, Random random)
    {
        for (var mutations = random.Next(1, 4); mutations > 0; mutations--)
        {
            var at = random.Next(text.Length);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, 1),
                1 => text.Insert(at, Octet(random)),
                2 => text.Insert(at, text[at..Math.Min(text.Length, at + 8)]),
                _ => text.Remove(at, 1).Insert(at, Octet(random)),
            };
        }

        return text;
    }

    /// <summary>Octets that mean something to a parser are likelier.</summary>
    private static string Octet(Random random)
    {
        const string Meaningful = "\r\n \t:;,/%?*0\u0000\u007f\u0080\u00ff";
        return (random.Next(2) == 0 ? Meaningful[random.Next(Meaningful.Length)] : (char)random.Next(256)).ToString();
    }
}
