using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Warns if any client can make its plaintext request count as secure, in an application that requires TLS somewhere. ASP.NET Core then
/// believes what the client says of the scheme.
/// </summary>
internal sealed partial class ClientSchemeCheck(
    IOptions<ForwardedHeadersOptions> forwarded,
    IOptions<KestrelServerOptions> kestrel,
    ILoggerFactory loggers,
    EndpointDataSource? endpoints = null) : LifecycleService
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.ClientScheme);

    /// <summary>Whether the application requires TLS for something that is not an endpoint.</summary>
    public bool IsMiddlewareUsed { get; set; }

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        var isAnyProxyKnown = IsAnyProxyKnown(forwarded.Value);
        if ((isAnyProxyKnown || kestrel.Value.AllowAlternateSchemes) && IsTlsRequired())
        {
            if (isAnyProxyKnown)
            {
                Log.AnyProxyKnown(_logger);
            }

            if (kestrel.Value.AllowAlternateSchemes)
            {
                Log.AlternateSchemesAllowed(_logger);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>ASP.NET Core takes an empty list for no restriction.</summary>
    private static bool IsAnyProxyKnown(ForwardedHeadersOptions options) =>
        options.ForwardedHeaders.HasFlag(ForwardedHeaders.XForwardedProto)
        && (options.KnownIPNetworks.Any(static network => network.PrefixLength == 0)
            || (options.KnownProxies.Count == 0 && options.KnownIPNetworks.Count == 0));

    /// <summary>What a dynamic endpoint requires is known only when it is requested.</summary>
    private bool IsTlsRequired() => IsMiddlewareUsed || endpoints?.Endpoints.Any(static endpoint =>
        endpoint.RequiresTls() is true || endpoint.Metadata.GetMetadata<IDynamicEndpointMetadata>() is { IsDynamic: true }) is true;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Any client can make its request in clear text count as secure with X-Forwarded-Proto: https: ForwardedHeadersOptions accepts it from every address (ASPNETCORE_FORWARDEDHEADERS_ENABLED does that). What requires TLS is then served in clear text. Name the proxies in KnownProxies or KnownIPNetworks, unless nobody but them can connect.", EventName = "AnyProxyKnown")]
        public static partial void AnyProxyKnown(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Any client can make its HTTP/2 request in clear text count as secure with :scheme = https: KestrelServerOptions.AllowAlternateSchemes is true. What requires TLS is then served in clear text. Set it to false, unless nobody but a proxy of yours can connect.", EventName = "AlternateSchemesAllowed")]
        public static partial void AlternateSchemesAllowed(ILogger logger);
    }
}
