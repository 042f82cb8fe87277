using System.Text;
using CsCheck;
using KestrelTlsUpgrade.Fuzzing.Input;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>Generators of what may be on the wire.</summary>
internal static class Messages
{
    private static readonly Gen<string> Label = Gen.Char["abcxyzABC0123456789"].Array[1, 8].Select(static chars => "n" + new string(chars));

    public static Gen<byte[]> Choices { get; } = Gen.Byte.Array[0, 12];

    /// <summary>A host name that nobody takes for anything else.</summary>
    public static Gen<string> Name { get; } = Label.Array[1, 3].Select(static labels => string.Join('.', labels));

    public static Gen<string> Target { get; } =
        Gen.Char["ab/;=&?.,-_~()@:!$'*+"].Array[0, 24].Select(static chars => "/" + new string(chars));

    /// <summary>A field that has no part in an upgrade.</summary>
    public static Gen<(string Name, string Value)> Field { get; } = Gen.Select(
        Label.Select(static label => "X-" + label),
        Gen.Char["abc ,;=/\"()<>@09"].Array[0, 40].Select(static chars => new string(chars).Trim()));

    private static readonly Gen<string> StartLine = Gen.OneOf(
        Gen.OneOf(
            "GET / HTTP/1.1", "HEAD /a?b HTTP/1.1", "OPTIONS * HTTP/1.1", "POST / HTTP/1.1", "CONNECT a.test:443 HTTP/1.1",
            "CONNECT [::1]:443 HTTP/1.0", "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 200 OK", "HTTP/1.1 100 Continue",
            "HTTP/1.1 407 Proxy Authentication Required", "HTTP/1.0 502 Bad Gateway", "TLS/1.2, TLS/1.3", "127.0.0.1:443", "5"),
        Name.Select(static name => $"{name}:443"),
        Target.Select(static target => $"GET {target} HTTP/1.1"));

    private static readonly Gen<string> FieldLine = Gen.OneOf(
        Gen.OneOf(
            "Host: a.test", "Host: a.test:80", "Upgrade: TLS/1.2", "Upgrade: tls, HTTP/1.1", "Upgrade: websocket, TLS/1.3",
            "Connection: Upgrade", "Connection: close, upgrade", "Content-Length: 0", "Content-Length: 5",
            "Transfer-Encoding: chunked", "Proxy-Authorization: Basic YTpi", "Via: 1.1 a", "hello", "0", "5;a=b", ""),
        Field.Select(ToLine));

    /// <summary>Messages, one behind the other, in which at most a byte is wrong.</summary>
    public static Gen<byte[]> NearlyRight { get; } =
        from messages in Gen.Select(StartLine, FieldLine.Array[0, 6], static (line, fields) => Join([line, .. fields])).Array[1, 2]
        from position in Gen.Int[0, 1000]
        from wrong in Gen.Byte
        from isWrong in Gen.Bool
        select Change(Encoding.Latin1.GetBytes(string.Concat(messages)), position, wrong, isWrong);

    public static string Join(params string[] lines) => string.Join("\r\n", [.. lines, "", ""]);

    public static string ToLine((string Name, string Value) field) => $"{field.Name}: {field.Value}";

    public static FuzzInput ToInput(byte[] choices, byte[] wire) => new([(byte)choices.Length, .. choices, .. wire]);

    private static byte[] Change(byte[] bytes, int position, byte wrong, bool isWrong)
    {
        if (isWrong)
        {
            bytes[position % bytes.Length] = wrong;
        }

        return bytes;
    }
}
