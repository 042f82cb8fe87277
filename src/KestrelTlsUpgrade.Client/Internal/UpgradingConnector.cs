using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Internal.Negotiation;
using KestrelTlsUpgrade.Client.Internal.Sending;
using KestrelTlsUpgrade.Client.Internal.Switching;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>
/// Supplies the pool of upgraded connections: dialed, upgraded, and ready for the first request. The pool gets TLS or nothing.
/// </summary>
internal sealed partial class UpgradingConnector(
    TlsUpgradeClientOptions options, Dialer dialer, ParkedConnections parked, OpenConnections open, UpgradeMetrics metrics, ILogger logger)
{
    /// <summary>Short, because a server that was restarted or stalled once may answer correctly next time.</summary>
    private static readonly TimeSpan BrokenOptionsLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Origins whose answer to OPTIONS * does not end inside TLS.</summary>
    private readonly OriginMemory _brokenOptions = new();

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var origin = Origin.Of(context.DnsEndPoint);
        if (_brokenOptions.Knows(origin, options.TimeProvider, BrokenOptionsLifetime))
        {
            return await ConnectWithRootAsync(context, origin, cancellationToken).ConfigureAwait(false);
        }

        var stream = await ConnectAsync(context, origin, UpgradeRequest.ServerWide, cancellationToken).ConfigureAwait(false);
        if (stream is not null)
        {
            return stream;
        }

        _brokenOptions.Remember(origin, options.TimeProvider);
        Log.OptionsAnswerUnusable(logger, origin);
        try
        {
            return await ConnectWithRootAsync(context, origin, cancellationToken).ConfigureAwait(false);
        }
        catch (UpgradeException failure) when (failure.LeavesClearText)
        {
            // The server speaks TLS: the handshake was finished. The next connection offers it with OPTIONS * again.
            _brokenOptions.Forget(origin);
            throw new UpgradeException(
                failure.Error,
                $"{origin} switched to TLS with {UpgradeRequest.ServerWide.Name}, but closed the connection, and did not switch a second time: {failure.Message}",
                failure.InnerException,
                failure.StatusCode);
        }
    }

    private async ValueTask<Stream> ConnectWithRootAsync(SocketsHttpConnectionContext context, Origin origin, CancellationToken cancellationToken) =>
        await ConnectAsync(context, origin, UpgradeRequest.Root, cancellationToken).ConfigureAwait(false)
            ?? throw new UpgradeException(
                HttpRequestError.InvalidResponse, $"{origin} switched to TLS, but then did not leave the connection usable.");

    private async ValueTask<Stream?> ConnectAsync(
        SocketsHttpConnectionContext context, Origin origin, UpgradeRequest request, CancellationToken cancellationToken)
    {
        var connection = await DialAsync(context, origin, cancellationToken).ConfigureAwait(false);
        var start = options.TimeProvider.GetTimestamp();
        var isKept = false;
        using var deadline = new CancellationTokenSource(options.UpgradeTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var upgrade = new ConnectionUpgrade(options, origin, connection, request, open);
        try
        {
            var stream = await upgrade.RunAsync(either.Token).ConfigureAwait(false);
            isKept = stream is not null;
            Report(isKept ? UpgradeOutcome.Upgraded : UpgradeOutcome.Failed);
            if (isKept)
            {
                Log.Upgraded(logger, origin, upgrade.Info!.Token!, upgrade.Info.Protocol);
            }

            return stream;
        }
        catch (UpgradeRefusedException refusal)
        {
            Report(UpgradeOutcome.Refused);
            Log.Refused(logger, origin, refusal.Message);
            isKept = refusal.IsConnectionUsable;
            if (isKept)
            {
                parked.Park(origin, connection.Stream);
            }

            throw;
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            Report(UpgradeOutcome.Canceled);

            // The pool makes it a cancellation, and keeps it inside.
            throw new UpgradeException(HttpRequestError.ConnectionError, $"The upgrade to TLS with {origin} was canceled.", exception)
            {
                IsUnanswered = !upgrade.IsAnswered,
            };
        }
        catch (Exception exception)
        {
            var failure = deadline.IsCancellationRequested ? TimedOut(origin, exception, !upgrade.IsAnswered) : Failed(origin, exception, !upgrade.IsAnswered);
            Report(deadline.IsCancellationRequested ? UpgradeOutcome.TimedOut : UpgradeOutcome.Failed);
            Log.Failed(logger, origin, failure.Message, failure);
            throw failure;
        }
        finally
        {
            if (!isKept)
            {
                await connection.Stream.DisposeAsync().ConfigureAwait(false);
            }
        }

        void Report(UpgradeOutcome outcome) =>
            metrics.AttemptEnded(origin, outcome, connection.IsTunnelled, options.TimeProvider.GetElapsedTime(start));
    }

    private async ValueTask<DialedConnection> DialAsync(
        SocketsHttpConnectionContext context, Origin origin, CancellationToken cancellationToken)
    {
        // Where clear text may follow, a proxy that does not answer must not take all the time of the request.
        var proxy = dialer.FindProxy(context.DnsEndPoint);
        using var deadline = new CancellationTokenSource(
            proxy is null || options.Mode is TlsUpgradeMode.Required ? Timeout.InfiniteTimeSpan : options.UpgradeTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await dialer.DialAsync(context, proxy, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (proxy is not null && either.IsCancellationRequested)
        {
            throw new UpgradeException(HttpRequestError.ConnectionError, $"The proxy did not open a tunnel to {origin} in time.", exception)
            {
                IsUnanswered = true,
            };
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ProxyTunnelError && exception.StatusCode is not null)
        {
            // The proxy refused, which says nothing about the origin (RFC 9110 section 9.3.6).
            throw new UpgradeRefusedException(exception.HttpRequestError, exception.Message, exception, exception.StatusCode);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.Unknown)
        {
            // SocketsHttpHandler reports this if a proxy aborts a CONNECT.
            throw new UpgradeException(HttpRequestError.ConnectionError, $"Connecting to {origin} failed: {exception.Message}", exception)
            {
                IsUnanswered = true,
            };
        }
        catch (HttpRequestException exception)
        {
            throw new UpgradeException(exception.HttpRequestError, exception.Message, exception, exception.StatusCode)
            {
                IsOfProxy = proxy is not null,
                IsUnanswered = exception.HttpRequestError is HttpRequestError.ResponseEnded,
            };
        }
    }

    private UpgradeException TimedOut(Origin origin, Exception exception, bool isUnanswered)
    {
        var message = $"The upgrade to TLS with {origin} took longer than {options.UpgradeTimeout} ({nameof(TlsUpgradeClientOptions.UpgradeTimeout)}).";
        return new UpgradeException(HttpRequestError.ConnectionError, message, new TimeoutException(message, exception)) { IsUnanswered = isUnanswered };
    }

    private static UpgradeException Failed(Origin origin, Exception exception, bool isUnanswered) => exception switch
    {
        UpgradeException { Error: HttpRequestError.ResponseEnded } ended when isUnanswered =>
            new UpgradeException(ended.Error, ended.Message, ended) { IsUnanswered = true },
        UpgradeException failure => failure,
        _ => new UpgradeException(HttpRequestError.ConnectionError, $"The upgrade to TLS with {origin} failed: {exception.Message}", exception)
        {
            IsUnanswered = isUnanswered,
        },
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection to {Origin} upgraded to {Token}, {Protocol}.", EventName = "Upgraded")]
        public static partial void Upgraded(
            ILogger logger, Origin origin, string token, System.Security.Authentication.SslProtocols protocol);

        [LoggerMessage(2, LogLevel.Debug, "{Origin} refused the upgrade: {Reason}", EventName = "Refused")]
        public static partial void Refused(ILogger logger, Origin origin, string reason);

        [LoggerMessage(3, LogLevel.Debug, "The upgrade with {Origin} failed: {Reason}", EventName = "Failed")]
        public static partial void Failed(ILogger logger, Origin origin, string reason, Exception exception);

        [LoggerMessage(4, LogLevel.Debug, "{Origin} does not end its answer to OPTIONS * inside TLS or closes after it; connections are upgraded with GET / for a while.", EventName = "OptionsAnswerUnusable")]
        public static partial void OptionsAnswerUnusable(ILogger logger, Origin origin);
    }
}
