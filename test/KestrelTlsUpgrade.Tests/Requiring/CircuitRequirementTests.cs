using System.Reflection;
using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Internal.Requiring.Attributes;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;

namespace KestrelTlsUpgrade.Tests.Requiring;

public sealed class CircuitRequirementTests
{
    /// <summary>Nobody knows what the assembly requires, so no request may pass.</summary>
    [Fact]
    public void AppliesTo_AssemblyThatCannotBeSearched_FailsForEveryRequest()
    {
        var requirement = new CircuitRequirement(new ApplicationAssemblies(new Unreadable()));
        for (var request = 0; request < 3; request++)
        {
            Assert.Throws<NotSupportedException>(() => requirement.AppliesTo(CreateCircuit()));
        }
    }

    /// <summary>A page that is only looked at does not close the circuits.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData(TlsUpgradeRequirement.Enforce, true)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, false)]
    public void AppliesTo_PageThatRequiresTls_ByItsRequirement(TlsUpgradeRequirement? requirement, bool applies)
    {
        var attribute = requirement is { } value ? new RequireTlsUpgradeAttribute { Requirement = value } : new();
        var page = new Endpoint(null, new(new ComponentTypeMetadata(typeof(object)), attribute), "page");
        var circuits = new CircuitRequirement(new ApplicationAssemblies(), new DefaultEndpointDataSource(page));
        Assert.Equal(applies, circuits.AppliesTo(CreateCircuit()));
    }

    private static Endpoint CreateCircuit()
    {
        var hub = typeof(CircuitOptions).Assembly.GetType("Microsoft.AspNetCore.Components.Server.ComponentHub", throwOnError: true)!;
        return new(null, new(new HubMetadata(hub)), "circuit");
    }

    private sealed class Unreadable : Assembly
    {
        public override AssemblyName GetName() => throw new NotSupportedException();
    }
}
