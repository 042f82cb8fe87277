using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;

/// <summary>What the endpoints of an application with the PROXY protocol share.</summary>
internal sealed class ProxyProtocolServices : PackageServices
{
    /// <summary>A table instead of services, because an endpoint that is set up in code alone adds none.</summary>
    private static readonly ConditionalWeakTable<IServiceProvider, ProxyProtocolServices> All = [];

    private ProxyProtocolServices(IServiceProvider provider)
        : base(provider, "KestrelTlsUpgrade.ProxyProtocol") =>
        LogLimiter = provider.GetService<CallerLogLimiter>() ?? new(TimeProvider);

    public CallerLogLimiter LogLimiter { get; }

    public static ProxyProtocolServices Of(IServiceProvider provider) =>
        All.GetValue(provider, static key => new ProxyProtocolServices(key));
}
