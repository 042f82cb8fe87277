using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring.Attributes;

/// <summary>The types and methods that an endpoint consists of, as far as its metadata and its delegate name them.</summary>
internal sealed class EndpointMembers
{
    private readonly Endpoint _endpoint;
    private readonly HashSet<MemberInfo> _members = [];

    [RequiresUnreferencedCode("Properties of metadata are read.")]
    public EndpointMembers(Endpoint endpoint)
    {
        _endpoint = endpoint;
        Add(endpoint.RequestDelegate?.Method);
        foreach (var metadata in endpoint.Metadata)
        {
            Add(metadata as MemberInfo);

            // Each framework has metadata of its own, such as HubMetadata, ControllerActionDescriptor and GrpcMethodMetadata.
            foreach (var property in metadata.GetType().GetProperties())
            {
                if (property.PropertyType.IsAssignableTo(typeof(MemberInfo)) && property.GetIndexParameters().Length == 0)
                {
                    Add(property.GetValue(metadata) as MemberInfo);
                }
            }
        }
    }

    /// <summary>Whether the endpoint has metadata about TLS, from wherever it comes.</summary>
    public bool IsMarked => _endpoint.RequiresTls() is not null;

    /// <summary>Whether that comes from an attribute on a type or method, rather than from a call of <c>RequireTlsUpgrade()</c>.</summary>
    public bool HasAttribute => _endpoint.Metadata.GetOrderedMetadata<IRequireTlsUpgradeMetadata>()
        .Any(static one => one is not RequireTlsUpgradeAttribute { IsFromConvention: true });

    public bool Has<T>()
        where T : class => _endpoint.Metadata.GetMetadata<T>() is not null;

    /// <summary>Whether the endpoint consists of a member, or of one that inherits its attributes.</summary>
    public bool Contains(MemberInfo member) => member is Type type
        ? _members.Any(one => type.IsAssignableFrom(one as Type ?? one.DeclaringType))
        : _members.Any(one => one.MetadataToken == member.MetadataToken && one.Module == member.Module);

    private void Add(MemberInfo? member)
    {
        if (member is not null)
        {
            _members.Add(member);
        }
    }
}
