using KestrelTlsUpgrade.Internal.Requiring.Attributes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Whether interactive Blazor requires TLS. A circuit renders any component that its router finds, without another request. So it requires
/// TLS as soon as one of them does.
/// </summary>
/// <param name="assemblies">Where components are searched. A router may know pages that no endpoint has.</param>
/// <param name="endpoints">The application's endpoints; <see langword="null"/> if they are not known.</param>
internal sealed class CircuitRequirement(ApplicationAssemblies assemblies, EndpointDataSource? endpoints = null)
{
    private readonly Lock _lock = new();
    private IReadOnlyList<Endpoint>? _searchedEndpoints;
    private int? _searchedVersion;
    private bool _isRequired;

    /// <summary>For applications that have not added the services.</summary>
    public static CircuitRequirement InProcess { get; } = new(ApplicationAssemblies.InProcess);

    public static bool IsCircuit(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HubMetadata>()?.HubType.Assembly == typeof(CircuitOptions).Assembly;

    /// <summary>Whether the endpoint is that of a circuit which requires TLS. Metadata of its own decides first.</summary>
    public bool AppliesTo(Endpoint endpoint) => IsCircuit(endpoint) && endpoint.RequiresTls() is null && IsRequired();

    private bool IsRequired()
    {
        lock (_lock)
        {
            return _isRequired = _isRequired || IsRequiredByEndpoint() || IsRequiredByType();
        }
    }

    private bool IsRequiredByEndpoint()
    {
        var current = endpoints?.Endpoints;
        if (ReferenceEquals(current, _searchedEndpoints))
        {
            return false;
        }

        var isRequired = current?.Any(static endpoint =>
            endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && IsEnforced(endpoint.FindRequirement())) is true;
        _searchedEndpoints = current;
        return isRequired;
    }

    private bool IsRequiredByType()
    {
        // Nobody can tell which types there were before trimming. Interactive Blazor does not support it either.
        if (!TypeDiscovery.IsSupported)
        {
            return true;
        }

        // Assemblies are loaded at any time, such as plug-ins.
        var version = assemblies.Version;
        if (version == _searchedVersion)
        {
            return false;
        }

        var isRequired = assemblies.Find()
            .SelectMany(MarkedMembers.FindIn)
            .Any(static member => member is Type type && type.IsAssignableTo(typeof(IComponent)) && IsEnforced(MarkedMembers.FindRequirement(type)));

        // Only now: a search that fails has found nothing out, and fails for the next request, too.
        _searchedVersion = version;
        return isRequired;
    }

    /// <summary>A component that is only looked at does not close the circuits for the others.</summary>
    private static bool IsEnforced(IRequireTlsUpgradeMetadata? metadata) =>
        metadata is { Required: true, Requirement: not TlsUpgradeRequirement.ReportOnly };
}
