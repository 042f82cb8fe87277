using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>Logs the callers that TLS has failed for: a warning for the first time, and what to do about it.</summary>
internal sealed partial class FallbackLog(CallerLogLimiter limiter, ILoggerFactory loggers) : ITlsUpgradeObserver
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.Fallback);

    public void CallerFellBack(in FallenCaller caller)
    {
        var level = caller.IsFirst ? LogLevel.Warning : LogLevel.Information;
        if (!limiter.Admits(_logger, level, caller.Connection.RemoteEndPoint))
        {
            return;
        }

        var id = caller.Connection.ConnectionId;
        var address = LoggedAddress.Of(caller.Connection);
        var product = Product.Find(caller.UserAgent) is { IsEmpty: false } named ? LoggedName.Of(named.ToString()) : "a client without a name";
        var (cause, meaning) = (FailureDescription.Of(caller.Cause).Tag, FailureDescription.Of(caller.Cause).Meaning);
        if (caller.IsFirst)
        {
            Log.FellBack(_logger, id, address, product, LoggedName.Of(caller.Host), cause, meaning, caller.Until);
        }
        else
        {
            Log.FellBackAgain(_logger, id, address, product, LoggedName.Of(caller.Host), cause, caller.Until);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Connection {ConnectionId}{Address}: {Product} offered an upgrade for {Host}, which was accepted, but TLS failed: {Cause}. {Meaning} Its further offers are declined until {Until:u}, unless the resource requires TLS, and it is served in clear text as before (FallbackLifetime). To have none of its offers fail, name it in OffersFrom:ExceptProducts, or set Offers to WhereRequired.", EventName = "CallerFellBack")]
        public static partial void FellBack(ILogger logger, string connectionId, string address, string product, string host, string cause, string meaning, DateTimeOffset until);

        [LoggerMessage(2, LogLevel.Information, "Connection {ConnectionId}{Address}: TLS failed again for {Product}, which called {Host}: {Cause}. Its further offers are declined until {Until:u}.", EventName = "CallerFellBackAgain")]
        public static partial void FellBackAgain(ILogger logger, string connectionId, string address, string product, string host, string cause, DateTimeOffset until);
    }
}
