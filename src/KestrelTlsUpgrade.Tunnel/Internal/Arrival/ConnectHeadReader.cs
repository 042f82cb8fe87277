using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Connections.Peeking;
using KestrelTlsUpgrade.Internal.HttpSyntax;
using KestrelTlsUpgrade.Tunnel.Internal.Target;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;
using HttpMethod = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpMethod;
using HttpVersion = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpVersion;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Reads the head of a CONNECT with Kestrel's own parser. Nothing is ambiguous: anything unusual is refused, and only the target decides
/// where the tunnel leads.
/// </summary>
internal sealed class ConnectHeadReader : IHttpRequestLineHandler, IHttpHeadersHandler
{
    private static readonly HttpParser<ConnectHeadReader> Parser = new(showErrorDetails: false);

    private ConnectTarget? _target;
    private string? _proxyAuthorization;
    private bool _isHttp11;
    private bool _hasHost;
    private bool _isClosing;
    private bool _isWrong;
    private int _fieldCount;
    private int _targetEnd;

    private ConnectHeadReader()
    {
    }

    /// <summary>Reads a complete head, including empty lines before it.</summary>
    /// <param name="head">The head.</param>
    /// <param name="limits">The server's limits.</param>
    /// <param name="status">The status to answer with if the request is not valid: 400, 414, 431 or 505.</param>
    public static ConnectRequest? Read(ReadOnlySequence<byte> head, KestrelServerLimits limits, out int status)
    {
        var reader = new ConnectHeadReader();
        var bytes = new SequenceReader<byte>(head);
        bytes.AdvancePastAny((byte)'\r', (byte)'\n');
        var start = bytes.Consumed;
        try
        {
            if (!Parser.ParseRequestLine(reader, ref bytes) || !RequestLine.HasPlainVersion(head, start + reader._targetEnd, bytes.Consumed))
            {
                status = StatusCodes.Status400BadRequest;
                return null;
            }

            status = bytes.Consumed - start > limits.MaxRequestLineSize ? StatusCodes.Status414UriTooLong
                : bytes.Remaining > limits.MaxRequestHeadersTotalSize ? StatusCodes.Status431RequestHeaderFieldsTooLarge
                : !Parser.ParseHeaders(reader, ref bytes) || !bytes.End ? StatusCodes.Status400BadRequest
                : reader._fieldCount > limits.MaxRequestHeaderCount ? StatusCodes.Status431RequestHeaderFieldsTooLarge
                : reader._isWrong || reader._target is null || (reader._isHttp11 && !reader._hasHost) ? StatusCodes.Status400BadRequest
                : StatusCodes.Status200OK;
        }
        catch (BadHttpRequestException exception)
        {
            status = exception.StatusCode == StatusCodes.Status505HttpVersionNotsupported
                ? StatusCodes.Status505HttpVersionNotsupported
                : StatusCodes.Status400BadRequest;
        }

        return status == StatusCodes.Status200OK
            ? new ConnectRequest(reader._target!, reader._proxyAuthorization, reader._isHttp11 && !reader._isClosing)
            : null;
    }

    void IHttpRequestLineHandler.OnStartLine(
        HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
    {
        var target = startLine[targetPath.Offset..];
        _targetEnd = startLine.Length;
        _isHttp11 = versionAndMethod.Version is HttpVersion.Http11;
        if (versionAndMethod.Method is HttpMethod.Connect && IsPrintable(target))
        {
            _target = ConnectTarget.Parse(Encoding.ASCII.GetString(target));
        }
    }

    void IHttpHeadersHandler.OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _fieldCount++;
        if (!HttpToken.IsValid(name) || !FieldText.IsValid(value))
        {
            _isWrong = true;
        }
        else if (Is(name, "Host"u8))
        {
            // Host may omit the port, and routing does not depend on it (RFC 9110 section 9.3.6).
            _isWrong |= _hasHost || !IsPrintable(value) || !ConnectTarget.IsHost(Encoding.ASCII.GetString(value));
            _hasHost = true;
        }
        else if (Is(name, "Transfer-Encoding"u8) || (Is(name, "Content-Length"u8) && !value.SequenceEqual("0"u8)))
        {
            // CONNECT has no content, but some old clients say so explicitly.
            _isWrong = true;
        }
        else if (Is(name, "Proxy-Authorization"u8))
        {
            _isWrong |= _proxyAuthorization is not null || !IsPrintable(value);
            _proxyAuthorization = Encoding.ASCII.GetString(value);
        }
        else if (Is(name, "Connection"u8) || Is(name, "Proxy-Connection"u8))
        {
            _isClosing |= HasClose(value);
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected) => Ascii.EqualsIgnoreCase(name, expected);

    /// <summary>Whether the caller closes the connection after this request (RFC 9112 section 9.6).</summary>
    private static bool HasClose(ReadOnlySpan<byte> options)
    {
        foreach (var range in options.Split((byte)','))
        {
            if (Is(options[range].Trim(" \t"u8), "close"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPrintable(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~');

    void IHttpHeadersHandler.OnHeadersComplete(bool endStream)
    {
    }

    void IHttpHeadersHandler.OnStaticIndexedHeader(int index) => throw new NotSupportedException();

    void IHttpHeadersHandler.OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value) => throw new NotSupportedException();
}
