using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// Holds back the content of a response, so that its length is known before it is sent. Content beyond the limit is not held: the response
/// then begins without a length.
/// </summary>
internal sealed class HeldResponse : Stream
{
    /// <summary>Far more than a problem needs, and little enough for a client that does not read.</summary>
    public const int MaxHeld = 64 * 1024;

    private readonly HttpContext _context;
    private readonly Stream _body;
    private readonly Action<HttpContext> _begin;
    private MemoryStream? _held = new();

    private HeldResponse(HttpContext context, Stream body, Action<HttpContext> begin)
    {
        _context = context;
        _body = body;
        _begin = begin;
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Runs a delegate that writes the content, and sends it with its length.</summary>
    /// <param name="context">The request.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="begin">Sets the last fields, when the response is about to begin.</param>
    public static async Task SendAsync(HttpContext context, RequestDelegate write, Action<HttpContext> begin)
    {
        var feature = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var response = new HeldResponse(context, feature.Stream, begin);
        context.Response.Body = response;
        try
        {
            await write(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            context.Features.Set(feature);
        }

        if (response._held is { } held)
        {
            begin(context);
            context.Response.ContentLength = held.Length;
            await response.PassAsync(held, context.RequestAborted);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!TryHold(buffer.Span))
        {
            await PassHeldAsync(cancellationToken);
            await _body.WriteAsync(buffer, cancellationToken);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!TryHold(buffer))
        {
            if (_held is { } held)
            {
                _held = null;
                _begin(_context);
                _body.Write(held.GetBuffer().AsSpan(0, (int)held.Length));
            }

            _body.Write(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (_held is null)
        {
            _body.Flush();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _held is null ? _body.FlushAsync(cancellationToken) : Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool TryHold(ReadOnlySpan<byte> content)
    {
        if (_held is null || _held.Length + content.Length > MaxHeld)
        {
            return false;
        }

        _held.Write(content);
        return true;
    }

    private async Task PassHeldAsync(CancellationToken cancellationToken)
    {
        if (_held is { } held)
        {
            _begin(_context);
            await PassAsync(held, cancellationToken);
        }
    }

    /// <summary>A response to HEAD has no content.</summary>
    private async Task PassAsync(MemoryStream held, CancellationToken cancellationToken)
    {
        _held = null;
        if (_context.Request.Method is not "HEAD")
        {
            await _body.WriteAsync(held.GetBuffer().AsMemory(0, (int)held.Length), cancellationToken);
        }
    }
}
