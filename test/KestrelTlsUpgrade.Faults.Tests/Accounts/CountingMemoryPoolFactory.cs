using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Faults.Tests.Accounts;

/// <summary>Counts what Kestrel, its TLS and the middlewares lease.</summary>
internal sealed class CountingMemoryPoolFactory(IMemoryPoolFactory<byte> inner, LeaseCount count) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new CountingMemoryPool(inner.Create(options), count);

    /// <summary>Puts itself before the factory that is there.</summary>
    public static void Count(IServiceCollection services, LeaseCount count)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IMemoryPoolFactory<byte>));
        services.AddSingleton<IMemoryPoolFactory<byte>>(provider => new CountingMemoryPoolFactory(
            (IMemoryPoolFactory<byte>)(inner.ImplementationFactory?.Invoke(provider)
                ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            count));
    }
}
