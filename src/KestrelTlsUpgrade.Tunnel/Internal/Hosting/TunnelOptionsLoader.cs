using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Tunnel.Internal.Configuration;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Tunnel.Internal.Hosting;

/// <summary>Combines the settings of an endpoint: configuration, then the host's code, then the endpoint's code.</summary>
internal static class TunnelOptionsLoader
{
    /// <exception cref="OptionsValidationException">A setting is invalid. The message lists every invalid setting.</exception>
    public static ConnectTunnelOptions Load(
        ListenOptions endpoint, IServiceProvider services, IReadOnlyCollection<Action<ConnectTunnelOptions>> configureEndpoint)
    {
        var options = new ConnectTunnelOptions();
        var errors = new List<string>(TunnelSection.Stray.Find(endpoint));
        if (services.GetService<IConfiguration>() is { } configuration)
        {
            TunnelSection.Read(RetainedConfiguration.Of(configuration).Read(TunnelSection.Name).GetSection(TunnelSection.Name), options, errors);
        }

        errors.AddRange(CodeLayers<ConnectTunnelOptions>.Of(services, new ConnectTunnelOptionsValidator()).Apply(options, endpoint, configureEndpoint));
        if (errors.Count == 0 && options.AuthorizationPolicy is { } policy && !HasPolicy(services, policy))
        {
            errors.Add($"The endpoint {endpoint}: there is no authorization policy '{policy}'. Add it with AddAuthorization().");
        }

        return errors.Count == 0 ? options : throw new OptionsValidationException(TunnelSection.Name, typeof(ConnectTunnelOptions), errors);
    }

    /// <summary>Endpoints are bound synchronously, and policies that are defined in code are available synchronously.</summary>
    private static bool HasPolicy(IServiceProvider services, string name) =>
        services.GetService<IAuthorizationPolicyProvider>() is { } provider && provider.GetPolicyAsync(name).GetAwaiter().GetResult() is not null;
}
