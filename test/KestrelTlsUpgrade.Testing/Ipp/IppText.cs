using System.Text.Json;
using IppPrinter.Ipp;

namespace KestrelTlsUpgrade.Testing;

/// <summary>All that a message says, as text, so that two of them can be compared.</summary>
internal static class IppText
{
    public static string Of(IppMessage? message) => message is null
        ? "nothing"
        : $"{message.Version:x4} {message.Code:x4} {message.RequestId}" + string.Concat(message.Groups.Select(Of));

    public static string Of(IppValue value) => $"{(byte)value.Tag:x2} " + value.Content switch
    {
        null => "-",
        string text => JsonSerializer.Serialize(text),
        byte[] octets => $"[{Convert.ToHexString(octets)}]",
        DateTimeOffset time => time.ToString("O"),
        IReadOnlyList<IppAttribute> members => $"{{{string.Concat(members.Select(Of))}}}",
        var content => $"{content}",
    };

    private static string Of(IppGroup group) => $"\n{(byte)group.Tag:x2}:{string.Concat(group.Attributes.Select(Of))}";

    private static string Of(IppAttribute attribute) => $" {attribute.Name}={string.Join(',', attribute.Values.Select(Of))};";
}
