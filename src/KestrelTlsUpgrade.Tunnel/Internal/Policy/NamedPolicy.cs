using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// Evaluates an ASP.NET Core authorization policy. Its schemes and requirements expect a request, so they get one that describes the
/// caller.
/// </summary>
internal static class NamedPolicy
{
    public static async ValueTask<ConnectTunnelAuthorizationResult> AuthorizeAsync(
        string name, string? challenge, ConnectTunnelAuthorizationContext context)
    {
        await using var scope = context.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        var policy = await services.GetRequiredService<IAuthorizationPolicyProvider>().GetPolicyAsync(name)
            ?? throw new InvalidOperationException($"There is no authorization policy '{name}'.");
        var request = CreateRequest(services, context);
        var evaluator = services.GetRequiredService<IPolicyEvaluator>();
        var authentication = await evaluator.AuthenticateAsync(policy, request);
        var authorization = await evaluator.AuthorizeAsync(policy, authentication, request, context);
        return authorization.Succeeded ? ConnectTunnelAuthorizationResult.Allow
            : authorization.Challenged && challenge is not null ? ConnectTunnelAuthorizationResult.Challenge(challenge)
            : ConnectTunnelAuthorizationResult.Deny;
    }

    private static DefaultHttpContext CreateRequest(IServiceProvider services, ConnectTunnelAuthorizationContext context)
    {
        var caller = context.Caller as IPEndPoint;
        var request = new DefaultHttpContext
        {
            RequestServices = services,
            RequestAborted = context.CancellationToken,
            Connection = { RemoteIpAddress = caller?.Address, RemotePort = caller?.Port ?? 0 },
            Request = { Method = HttpMethods.Connect, Host = new HostString(context.Host, context.Port) },
        };
        request.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature { ClientCertificate = context.ClientCertificate });
        if (context.ProxyAuthorization is { } credentials)
        {
            request.Request.Headers[HeaderNames.ProxyAuthorization] = credentials;
            request.Request.Headers[HeaderNames.Authorization] = credentials;
        }

        return request;
    }
}
