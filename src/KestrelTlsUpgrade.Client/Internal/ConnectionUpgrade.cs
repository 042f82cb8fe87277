using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Internal.Negotiation;
using KestrelTlsUpgrade.Client.Internal.Sending;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>
/// One upgrade (RFC 2817 section 3): the request, the 101, the TLS handshake, and the answer to the request inside TLS. Never optimistic:
/// each step waits for the previous one (RFC 9931).
/// </summary>
internal sealed class ConnectionUpgrade(
    TlsUpgradeClientOptions options, Origin origin, DialedConnection connection, UpgradeRequest request, OpenConnections open)
{
    /// <summary>How long to wait for content that is only read to keep the connection.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    private readonly AnswerReader.Limits _limits = new(options.MaxUpgradeResponseHeadSize, options.MaxUpgradeResponseContentSize, options.MaxInterimResponses);

    public TlsUpgradeInfo? Info { get; private set; }

    /// <summary>Whether the peer has answered the request in clear text.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>
    /// Upgrades the connection. Returns <see langword="null"/> if TLS was established but the answer leaves the connection unusable.
    /// </summary>
    /// <exception cref="UpgradeRefusedException">The server stays in clear text.</exception>
    /// <exception cref="UpgradeException">The upgrade failed in any other way.</exception>
    public async Task<Stream?> RunAsync(CancellationToken cancellationToken)
    {
        var bytes = request.ToBytes(origin, TlsSettings.VersionsOf(options.SslOptions));
        var token = await AskAsync(bytes, cancellationToken).ConfigureAwait(false);
        var transport = new TransportStream(connection.Stream);
        var tls = new SslStream(transport);
        Stream stream = tls;
        try
        {
            var protocols = new ProtocolOffer(bytes);
            await HandshakeAsync(tls, protocols, cancellationToken).ConfigureAwait(false);
            Info = Describe(tls, token, protocols);
            stream = new UpgradedStream(tls, transport, new ResponseConnection(Info), open.Begin(origin));
            if (await ReadAnswerAsync(tls, cancellationToken).ConfigureAwait(false))
            {
                // Anything received after the answer is buffered in TLS or in the socket, so this first read completes synchronously.
                var quiet = new QuietStream(stream, origin.ToString());
                stream = quiet;
                return quiet.HasReceived ? throw Surplus() : quiet;
            }
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await stream.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Sends the request in clear text. Returns the token that the server switches to.</summary>
    private async Task<string> AskAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        var reader = new AnswerReader(connection.Stream, _limits, origin.ToString());
        await reader.AskAsync(bytes, cancellationToken).ConfigureAwait(false);
        var head = await reader.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        IsAnswered = true;
        switch (head.Judge(reader.Buffered))
        {
            case AnswerHead.Verdict.Switch:
                return head.TlsToken!;
            case AnswerHead.Verdict.WrongProtocol:
                throw new UpgradeException(
                    HttpRequestError.InvalidResponse,
                    $"{origin} answered {request.Name} with 101 Switching Protocols but did not name TLS in Upgrade (RFC 9110 section 7.8).");
            case AnswerHead.Verdict.EarlyBytes:
                throw new UpgradeException(
                    HttpRequestError.InvalidResponse,
                    $"{reader.Buffered} bytes in clear text followed the 101 of {origin}, before TLS was begun. Somebody on the path may have put them there.");
            default:
                throw await RefuseAsync(reader, head, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<UpgradeRefusedException> RefuseAsync(AnswerReader reader, AnswerHead head, CancellationToken cancellationToken)
    {
        var isUsable = options.Mode is not TlsUpgradeMode.Required
            && !connection.IsTunnelled
            && head.IsPersistent
            && await TrySkipRefusalAsync(reader, head, cancellationToken).ConfigureAwait(false)
            && reader.Buffered == 0;
        return new UpgradeRefusedException(
            HttpRequestError.SecureConnectionError,
            $"{origin} refused the upgrade to TLS: it answered {request.Name} with {head.Status} {head.Reason}".TrimEnd()
                + ", not with 101 Switching Protocols (RFC 2817 section 3). Nothing else has been sent.",
            statusCode: (HttpStatusCode)head.Status)
        {
            IsConnectionUsable = isUsable,
            RetryAfter = head.RetryAfter(options.TimeProvider),
        };
    }

    /// <summary>Opening another connection is cheaper than a long wait for content that nobody needs.</summary>
    private async Task<bool> TrySkipRefusalAsync(AnswerReader reader, AnswerHead head, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(AnswerPatience, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await reader.TrySkipContentAsync(head, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task HandshakeAsync(SslStream tls, ProtocolOffer protocols, CancellationToken cancellationToken)
    {
        string? rejection = null;
        try
        {
            var settings = TlsSettings.Create(options.SslOptions, origin.ServerName, protocols, reason => rejection = reason);
            await tls.AuthenticateAsClientAsync(settings, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // No retry, neither with a lower version (RFC 9325 section 3.1.3) nor in clear text.
            var reason = rejection is null ? exception.Message : $"the server's certificate was rejected: {rejection}";
            throw new UpgradeException(
                HttpRequestError.SecureConnectionError, $"The TLS handshake with {origin} after the upgrade failed: {reason}", exception);
        }

        if (!protocols.Allows(tls.NegotiatedApplicationProtocol))
        {
            throw new UpgradeException(
                HttpRequestError.SecureConnectionError, $"{origin} selected an ALPN protocol that was not offered (RFC 7301 section 3.2).");
        }
    }

    /// <summary>
    /// Reads the answer to the request, which arrives inside TLS (RFC 2817 section 3.3). Its status does not matter. Returns false if the
    /// connection cannot carry another request.
    /// </summary>
    private async Task<bool> ReadAnswerAsync(SslStream tls, CancellationToken cancellationToken)
    {
        var reader = new AnswerReader(tls, _limits, origin.ToString());
        var head = await reader.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        if (head.Status == 101)
        {
            throw new UpgradeException(HttpRequestError.InvalidResponse, $"{origin} answered {request.Name} inside TLS with another 101.");
        }

        if (!head.IsPersistent || !await TrySkipContentAsync(reader, head, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        return reader.Buffered == 0 ? true : throw Surplus();
    }

    /// <summary>Reads to the end of the content. Its length is what the answer declares, whatever was requested.</summary>
    private async Task<bool> TrySkipContentAsync(AnswerReader reader, AnswerHead head, CancellationToken cancellationToken)
    {
        if (head.Content is AnswerHead.Framing.Length or AnswerHead.Framing.Chunked
            && request == UpgradeRequest.ServerWide
            && !await TryWaitAsync(reader, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        var isSkipped = await reader.TrySkipContentAsync(head, cancellationToken).ConfigureAwait(false);
        return reader.HasEnded ? throw reader.Ended() : isSkipped;
    }

    /// <summary>Waits for the announced content. ippeveprinter never sends any in answer to <c>OPTIONS *</c>.</summary>
    private async Task<bool> TryWaitAsync(AnswerReader reader, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(AnswerPatience, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await reader.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private UpgradeException Surplus() => new(HttpRequestError.InvalidResponse, $"{origin} sent more than the answer to {request.Name}.");

    private TlsUpgradeInfo Describe(SslStream tls, string token, ProtocolOffer protocols) => new()
    {
        IsUpgraded = true,
        Token = token,
        Protocol = tls.SslProtocol,
        CipherSuite = tls.NegotiatedCipherSuite,
        ServerCertificate = tls.RemoteCertificate as X509Certificate2,
        IsRequestConfirmed = protocols.IsConfirmedBy(tls.NegotiatedApplicationProtocol),
        IsTunnelled = connection.IsTunnelled,
    };
}
