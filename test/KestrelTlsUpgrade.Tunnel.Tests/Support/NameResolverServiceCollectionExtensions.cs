using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

internal static class NameResolverServiceCollectionExtensions
{
    public static void Resolve(this IServiceCollection services, INameResolver resolver) => services.AddSingleton(resolver);
}
