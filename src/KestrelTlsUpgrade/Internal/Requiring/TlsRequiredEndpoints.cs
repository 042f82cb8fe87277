using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>The endpoints that replace an endpoint that requires TLS, for plaintext requests.</summary>
internal sealed class TlsRequiredEndpoints
{
    private readonly ConditionalWeakTable<Endpoint, Endpoint> _refusals = [];
    private readonly ConditionalWeakTable<Endpoint, Endpoint> _checks = [];

    /// <summary>
    /// An endpoint that refuses at once. Routing runs it itself, so middleware between routing and the endpoint, such as authentication,
    /// does not see the request.
    /// </summary>
    public Endpoint GetRefusal(Endpoint endpoint) => _refusals.GetValue(endpoint, static endpoint =>
    {
        var builder = CreateBuilder(endpoint, UpgradeRequiredResponse.WriteAsync, $"426 Upgrade Required {endpoint.DisplayName}");
        new Conventions(builder).ShortCircuit();
        return builder.Build();
    });

    /// <summary>The endpoint with a final check: middleware in between may find that the request is secure.</summary>
    public Endpoint GetCheck(Endpoint endpoint) => _checks.GetValue(endpoint, static endpoint =>
    {
        var run = endpoint.RequestDelegate;
        var builder = CreateBuilder(
            endpoint,
            context => context.Request.IsHttps && run is not null ? run(context) : UpgradeRequiredResponse.WriteAsync(context),
            endpoint.DisplayName);
        foreach (var metadata in endpoint.Metadata)
        {
            builder.Metadata.Add(metadata);
        }

        return builder.Build();
    });

    private static RouteEndpointBuilder CreateBuilder(Endpoint endpoint, RequestDelegate run, string? displayName)
    {
        var route = endpoint as RouteEndpoint;
        return new(run, route?.RoutePattern ?? RoutePatternFactory.Parse(""), route?.Order ?? 0) { DisplayName = displayName };
    }

    /// <summary>Short-circuit metadata can only be added through a convention.</summary>
    private sealed class Conventions(EndpointBuilder builder) : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention) => convention(builder);
    }
}
