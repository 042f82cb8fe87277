using System.Buffers;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.Connections.Peeking;
using KestrelTlsUpgrade.Internal.HttpSyntax;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using HttpMethod = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpMethod;
using HttpVersion = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpVersion;

namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>
/// Parses the head of a first request with Kestrel's parser and decides whether the endpoint accepts its upgrade offer. Stricter than
/// Kestrel: an unusual head is left to Kestrel, which decides whether it is valid, and is then upgraded like a later request. So is a request
/// whose resource, or the application's code, decides whether its offer is accepted.
/// </summary>
internal sealed class UpgradeHeadReader : IHttpRequestLineHandler, IHttpHeadersHandler
{
    private static readonly HttpParser<UpgradeHeadReader> Parser = new(showErrorDetails: false);

    private static readonly SearchValues<char> NameChars = SearchValues.Create(
        "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly UpgradePolicy _policy;
    private readonly EndPoint? _caller;
    private ReplayHead _replay;
    private UpgradeOffer _offer;
    private string? _host;
    private string? _userAgent;
    private int _fieldCount;
    private int _headLength;
    private int _targetEnd;
    private bool _hasUpgradeOption;
    private bool _isLeftToKestrel;

    private UpgradeHeadReader(UpgradePolicy policy, EndPoint? caller) => (_policy, _caller) = (policy, caller);

    /// <summary>Reads a complete head. Returns <see langword="null"/> unless it offers an upgrade that is accepted.</summary>
    public static UpgradeRequest? Read(ReadOnlySequence<byte> head, UpgradePolicy policy, EndPoint? caller = null)
    {
        var reader = new UpgradeHeadReader(policy, caller);
        if (policy.AcceptOffer is not null || HasBareLineFeed(head))
        {
            return null;
        }

        try
        {
            return reader.Read(head);
        }
        catch (BadHttpRequestException)
        {
            return null;
        }
    }

    private UpgradeRequest? Read(ReadOnlySequence<byte> head)
    {
        _headLength = (int)head.Length;
        var bytes = new SequenceReader<byte>(head);
        if (!Parser.ParseRequestLine(this, ref bytes)
            || !RequestLine.HasPlainVersion(head, _targetEnd, bytes.Consumed)
            || bytes.Consumed > _policy.Limits.MaxRequestLineSize
            || bytes.Remaining > _policy.Limits.MaxRequestHeadersTotalSize
            || !Parser.ParseHeaders(this, ref bytes)
            || !bytes.End
            || _isLeftToKestrel
            || _fieldCount > _policy.Limits.MaxRequestHeaderCount
            || !_hasUpgradeOption
            || _host is null
            || _policy.OffersFrom?.Admits(_caller, _userAgent) is false)
        {
            return null;
        }

        return _policy.Judge(_offer, _host, out var token) is DeclineReason.None
            ? new UpgradeRequest(token, _host, _replay.Complete(), isFirst: true, _offer.IsHinted)
            : null;
    }

    void IHttpRequestLineHandler.OnStartLine(
        HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
        var target = startLine[targetPath.Offset..];
        var isOptions = versionAndMethod.Method is HttpMethod.Options;
        _isLeftToKestrel = versionAndMethod.Version is not HttpVersion.Http11
            || !UpgradableMethods.Contains(startLine[..(targetPath.Offset - 1)])
            || targetPath.IsEncoded
            || !IsPrintable(target)
            || !(target[0] == '/' ? _policy.Offers is TlsUpgradeOffers.All : isOptions && target is [(byte)'*']);
        _targetEnd = startLine.Length;
        _replay = new ReplayHead(startLine, _headLength);
    }

    void IHttpHeadersHandler.OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _fieldCount++;
        if (_isLeftToKestrel || !HttpToken.IsValid(name) || !IsPrintable(value))
        {
            _isLeftToKestrel = true;
            return;
        }

        Span<char> chars = stackalloc char[256];
        if (name.Length + value.Length > chars.Length)
        {
            chars = new char[name.Length + value.Length];
        }

        Encoding.ASCII.GetChars(name, chars);
        Encoding.ASCII.GetChars(value, chars[name.Length..]);
        TakeField(chars[..name.Length], chars.Slice(name.Length, value.Length));
    }

    private void TakeField(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (Is(name, "Upgrade"))
        {
            _offer.Add(value);
        }
        else if (Is(name, "Connection"))
        {
            _hasUpgradeOption |= ConnectionOptions.HasUpgrade(value);
        }
        else if (Is(name, "Host"))
        {
            _isLeftToKestrel |= _host is not null || !TryReadHost(value, out _host);
        }
        else if (Is(name, "Content-Length") || Is(name, "Transfer-Encoding"))
        {
            // A request with content is never upgraded. Kestrel decides whether there is any.
            _isLeftToKestrel = true;
        }
        else if (_policy.OffersFrom is not null && Is(name, "User-Agent"))
        {
            _userAgent ??= value.ToString();
        }
        else if (Intermediary.IsShownBy(name))
        {
            _isLeftToKestrel |= !_policy.AllowBehindProxy;
        }

        _replay.AddField(name, value, Encoding.ASCII);
    }

    /// <summary>Accepts a name or an IPv4 address, with or without a port. Kestrel accepts more.</summary>
    private static bool TryReadHost(ReadOnlySpan<char> value, out string? host)
    {
        var nameLength = value.IndexOfAnyExcept(NameChars);
        nameLength = nameLength < 0 ? value.Length : nameLength;
        var port = value[nameLength..];
        var isValid = nameLength > 0
            && (port.IsEmpty || (port[0] == ':' && ushort.TryParse(port[1..], System.Globalization.NumberStyles.None, null, out _)));
        host = isValid ? value[..nameLength].ToString() : null;
        return isValid;
    }

    /// <summary>Rejects bare line feeds. Whether Kestrel's parser accepts them is a setting that it does not expose.</summary>
    private static bool HasBareLineFeed(ReadOnlySequence<byte> head)
    {
        var bytes = new SequenceReader<byte>(head);
        while (bytes.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            if (line.IsEmpty || line.Slice(line.Length - 1).FirstSpan[0] != '\r')
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<char> name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static bool IsPrintable(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    void IHttpHeadersHandler.OnHeadersComplete(bool endStream)
    {
    }

    void IHttpHeadersHandler.OnStaticIndexedHeader(int index) => throw new NotSupportedException();

    void IHttpHeadersHandler.OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();
}
