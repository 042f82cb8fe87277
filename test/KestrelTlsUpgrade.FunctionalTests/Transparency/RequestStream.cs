using System.Text;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>What a client sends on one connection, from its first byte to its last.</summary>
internal sealed record RequestStream(string Name, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>A request that ends the connection. Behind another one it shows where the server thinks that one ended.</summary>
    public const string End = "GET /end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    public RequestStream(string name, string text)
        : this(Printable(name), Encoding.Latin1.GetBytes(text))
    {
    }

    /// <summary>A request with a Host field.</summary>
    public static string Request(string line, string fields = "", string content = "") =>
        $"{line}\r\nHost: localhost\r\n{fields}\r\n{content}";

    /// <summary>A number of the stream's own that is the same in every run.</summary>
    public static int Seed(string name) => name.Aggregate(17, (seed, letter) => unchecked((seed * 31) + letter));

    public override string ToString() => Name;

    private static string Printable(string name) => string.Concat(name.Select(letter => letter switch
    {
        '\r' => "\\r",
        '\n' => "\\n",
        '\t' => "\\t",
        >= ' ' and <= '~' => letter.ToString(),
        _ => $"\\x{(int)letter:x2}",
    }));
}
