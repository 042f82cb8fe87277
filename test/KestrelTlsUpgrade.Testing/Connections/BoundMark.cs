using System.Buffers.Text;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The mark of a request, as a client of somebody else would make it: from Marking.md, and not with the product's code.</summary>
internal static class BoundMark
{
    /// <summary>The protocol id.</summary>
    /// <param name="request">The whole head, as it is sent.</param>
    public static SslApplicationProtocol Of(string request)
    {
        var lines = request[..request.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        var fields = lines[1..]
            .Select(line => line.Split(':', 2))
            .Select(parts => (Name: parts[0].ToLowerInvariant(), Value: parts[1].Trim(' ', '\t')))
            .Where(field => field.Name is not ("connection" or "upgrade"))
            .OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => $"{field.Name}:{field.Value}\n");
        var canonical = lines[0].Replace(" HTTP/1.1", "\n", StringComparison.Ordinal) + string.Concat(fields);
        return new("http/1.1-upgraded=" + Base64Url.EncodeToString(SHA256.HashData(Encoding.Latin1.GetBytes(canonical))));
    }

    /// <summary>All that an aware client offers: the mark, the plain one for older servers, and what both stand for.</summary>
    public static SslApplicationProtocol[] ProtocolsFor(string request) =>
        [Of(request), new("http/1.1-upgraded"), SslApplicationProtocol.Http11];
}
