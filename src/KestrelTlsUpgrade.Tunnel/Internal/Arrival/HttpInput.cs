using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// What Kestrel's HTTP/1.1 reads on a connection. To it the connection ends before a request that is not for it, such as a CONNECT. All
/// other bytes are passed as they are.
/// </summary>
/// <param name="inner">The connection's bytes.</param>
/// <param name="maxLineLength">Maximum length of a request line.</param>
/// <param name="hosts">For which authorities HTTP serves requests.</param>
/// <param name="local">The connection's local endpoint.</param>
/// <param name="isUnclear">Whether HTTP judges bytes that could still begin a CONNECT, because the time to wait for more is over.</param>
/// <param name="count">What Kestrel notifies when a request upgrades the connection to another protocol.</param>
internal sealed class HttpInput(
    PipeReader inner,
    int maxLineLength,
    ServedHosts hosts,
    EndPoint? local,
    bool isUnclear,
    IDecrementConcurrentConnectionCountFeature? count)
    : PipeReader, IDecrementConcurrentConnectionCountFeature
{
    private readonly RequestFraming _framing = new();
    private ReadOnlySequence<byte> _read;
    private bool _isUnclear = isUnclear;
    private bool _isClassified;
    private bool _isJudged;
    private bool _isUpgraded;
    private bool _hasEnded;

    /// <summary>Whether the connection goes on with a request that is not for HTTP, and that HTTP has seen nothing of.</summary>
    public bool IsFollowed => _hasEnded && !_isJudged;

    /// <summary>Whether HTTP has served nothing but <c>OPTIONS *</c>.</summary>
    public bool HasOptionsOnly => _framing.HasOptionsOnly;

    /// <summary>HTTP begins each request with <see cref="ReadAsync"/>, so this reads content, or looks ahead.</summary>
    public override bool TryRead(out ReadResult result)
    {
        if (_hasEnded)
        {
            result = End();
            return true;
        }

        if (!inner.TryRead(out result))
        {
            return false;
        }

        _read = result.Buffer;
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (!_hasEnded)
        {
            var result = await inner.ReadAsync(cancellationToken);
            if (_isClassified || _isUpgraded || !_framing.IsAtStart || IsForHttp(result))
            {
                _read = result.Buffer;
                return result;
            }
        }

        return End();
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_hasEnded)
        {
            return;
        }

        if (!_isUpgraded)
        {
            var bytes = _read.Slice(_read.Start, consumed);
            _framing.Consume(bytes);
            if (!bytes.IsEmpty)
            {
                _isClassified = _framing.IsForeign;
                _isJudged = false;
            }
        }

        _read = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (!IsFollowed)
        {
            inner.Complete(exception);
        }
    }

    /// <summary>A request has upgraded the connection: what follows is not HTTP.</summary>
    public void ReleaseConnection()
    {
        _isUpgraded = true;
        count?.ReleaseConnection();
    }

    private static ReadResult End() => new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

    /// <summary>If the bytes are not, they are left unread. If that is not certain, more are awaited, for as long as HTTP waits for a request.</summary>
    private bool IsForHttp(in ReadResult result)
    {
        var kind = RequestStart.Classify(result.Buffer, maxLineLength, hosts, local, out _);
        if (kind is RequestStartKind.Http or RequestStartKind.Empty)
        {
            _isClassified = kind is RequestStartKind.Http;
            return true;
        }

        if (kind is RequestStartKind.Undecided && (_isUnclear || result.IsCompleted || result.IsCanceled))
        {
            // If the rest arrives after all, HTTP answers that it is not a request.
            _isUnclear = false;
            _isJudged = true;
            return true;
        }

        _hasEnded = kind is not RequestStartKind.Undecided;
        inner.AdvanceTo(result.Buffer.Start, _hasEnded ? result.Buffer.Start : result.Buffer.End);
        return false;
    }
}
