using System.Buffers.Binary;
using System.Globalization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>A printer that only knows its own name, which tells how it was asked.</summary>
internal static class EchoPrinter
{
    public static async Task AnswerAsync(HttpContext context)
    {
        using var request = new MemoryStream();
        await context.Request.Body.CopyToAsync(request);
        var upgrade = context.Features.Get<ITlsUpgradeFeature>();
        var tls = context.Features.Get<ITlsHandshakeFeature>();
        var info = string.Create(CultureInfo.InvariantCulture, $"state: {upgrade?.State} {context.Request.Scheme} {tls?.Protocol}");
        context.Response.ContentType = "application/ipp";
        await context.Response.Body.WriteAsync(CreateAnswer(request.ToArray(), info));
    }

    /// <summary>RFC 8010 section 3.1: version, status, request id, and groups of attributes.</summary>
    private static byte[] CreateAnswer(byte[] request, string info)
    {
        List<byte> answer = [.. request[..2], 0, 0, .. request[4..8], 0x01];
        Add(0x47, "attributes-charset", "utf-8");
        Add(0x48, "attributes-natural-language", "en");
        answer.Add(0x04);
        Add(0x41, "printer-info", info);
        answer.Add(0x03);
        return [.. answer];

        void Add(byte tag, string name, string value)
        {
            answer.Add(tag);
            AddText(name);
            AddText(value);
        }

        void AddText(string text)
        {
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)text.Length);
            answer.AddRange(length);
            answer.AddRange(text.Select(character => (byte)character));
        }
    }
}
