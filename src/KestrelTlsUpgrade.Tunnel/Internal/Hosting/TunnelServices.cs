using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using KestrelTlsUpgrade.Tunnel.Internal.Relaying;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Internal.Hosting;

/// <summary>Services shared by all tunnel endpoints of an application.</summary>
internal sealed class TunnelServices : PackageServices
{
    /// <summary>An endpoint configured only in code has no registered services.</summary>
    private static readonly ConditionalWeakTable<IServiceProvider, TunnelServices> All = [];

    private TunnelServices(IServiceProvider provider)
        : base(provider, "KestrelTlsUpgrade.Tunnel")
    {
        Lookups = provider.GetService<INameResolver>() is { } resolver ? new NameLookups(resolver) : NameLookups.System;
        LogLimiter = new CallerLogLimiter(TimeProvider);
        Metrics = new TunnelMetrics(provider.GetService<IMeterFactory>());
        OwnAddresses = new OwnAddresses(TimeProvider);
        OwnListeners = new OwnListeners(OwnAddresses, [new ServerAddresses(provider), new ProcessSockets(TimeProvider)]);
    }

    public NameLookups Lookups { get; }

    public CallerLogLimiter LogLimiter { get; }

    public TunnelMetrics Metrics { get; }

    public OwnAddresses OwnAddresses { get; }

    public OwnListeners OwnListeners { get; }

    public LargeBlocks LargeBlocks { get; } = new();

    public static TunnelServices Of(IServiceProvider provider) => All.GetValue(provider, static key => new TunnelServices(key));
}
