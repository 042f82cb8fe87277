using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// What stands between TLS and the application: a request for another host, the replay, <c>OPTIONS *</c>, and a response that is cut.
/// </summary>
internal sealed class SecuredRequests(RequestDelegate next, TlsUpgradeObservers observers)
{
    /// <summary>Notes whether the application fails within its response. Over HTTP/2, that ends a stream and not the connection.</summary>
    public Task InvokeAsync(HttpContext context, UpgradeConnection connection)
    {
        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            return AnswerAsync(context, connection);
        }

        connection.IsCut = false;
        try
        {
            var answer = AnswerAsync(context, connection);
            return answer.IsCompletedSuccessfully ? answer : WatchAsync(context, connection, answer);
        }
        catch
        {
            connection.IsCut = context.Response.HasStarted;
            throw;
        }
    }

    private static async Task WatchAsync(HttpContext context, UpgradeConnection connection, Task answer)
    {
        try
        {
            await answer;
        }
        catch
        {
            connection.IsCut = context.Response.HasStarted;
            throw;
        }
    }

    private Task AnswerAsync(HttpContext context, UpgradeConnection connection)
    {
        if (connection.Sni is { } sni && !sni.Covers(context.Request.Host.Host))
        {
            // RFC 9110 section 15.5.20: the client may retry on a connection that was made for this host.
            return Misdirect(context);
        }

        if (connection.Replay is { } replay)
        {
            // The end of the response to it ends the phase.
            replay.Apply(context);
            if (replay.IsGated)
            {
                return UnconfirmedReplay.AnswerAsync(context, observers);
            }
        }

        if (!connection.Settings.Policy.PassOptionsAsterisk && OptionsAsterisk.IsRequestedBy(context))
        {
            OptionsAsterisk.Answer(context.Response);
            return Task.CompletedTask;
        }

        return next(context);
    }

    private Task Misdirect(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        ResponseConnection.EndIfContentIsAwaited(context);
        observers.RequestRefused(context, StatusCodes.Status421MisdirectedRequest);
        return Task.CompletedTask;
    }
}
