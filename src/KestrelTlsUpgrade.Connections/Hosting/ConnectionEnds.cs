using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>
/// Finds out what follows a connection middleware. Kestrel adds its HTTP to every endpoint, but a handler of another protocol that the
/// application has put in front never calls it. Whether anything calls it shows in the delegates that the middleware holds.
/// </summary>
internal static class ConnectionEnds
{
    private const string HttpMiddleware = "HttpConnectionMiddleware`1";

    /// <param name="next">What the middleware was given when the endpoint was bound.</param>
    public static ConnectionEnd Find(ConnectionDelegate next) => Find(next, new(ReferenceEqualityComparer.Instance));

    private static ConnectionEnd Find(Delegate connection, HashSet<object> seen)
    {
        if (connection.Target is not { } target || !seen.Add(target))
        {
            return ConnectionEnd.Other;
        }

        var type = target.GetType();
        return type.Name == HttpMiddleware && type.Assembly == typeof(KestrelServerOptions).Assembly ? ConnectionEnd.Http
            : target is ConnectionHandler || IsRun(connection) ? ConnectionEnd.Other
            : target is IConnectionMiddleware middleware ? Find(middleware.Next, seen)

            // Native code does not keep the names of fields.
            : RuntimeFeature.IsDynamicCodeSupported ? FindInFields(target, seen)
            : ConnectionEnd.Unknown;
    }

    /// <summary>Whether this is what <c>Run</c> adds, and so <c>UseConnectionHandler</c>: it has no next.</summary>
    private static bool IsRun(Delegate connection) =>
        connection.Target!.GetType().DeclaringType == typeof(ConnectionBuilderExtensions)
        && DiagnosticMethodInfo.Create(connection) is { Name: var name }
        && name.StartsWith($"<{nameof(ConnectionBuilderExtensions.Run)}>", StringComparison.Ordinal);

    private static ConnectionEnd FindInFields(object holder, HashSet<object> seen)
    {
        object[] values = [.. GetFields(holder)];

        // What else a closure holds was there before the delegate that is looked for, unless it holds such a delegate itself. An object of a
        // class may have been made for it, unless the class holds such a delegate.
        var isClear = IsClosure(holder.GetType()) || values.Any(static value => value is ConnectionDelegate);
        var found = ConnectionEnd.Other;
        foreach (var value in values)
        {
            switch (FindInValue(value, isClear, seen))
            {
                case ConnectionEnd.Http:
                    return ConnectionEnd.Http;

                case ConnectionEnd.Unknown:
                    found = ConnectionEnd.Unknown;
                    break;
            }
        }

        return found;
    }

    private static ConnectionEnd FindInValue(object value, bool isClear, HashSet<object> seen) => value switch
    {
        string or ValueType => ConnectionEnd.Other,
        Delegate connection => Find(connection, seen),
        _ when IsClosure(value.GetType()) => seen.Add(value) ? FindInFields(value, seen) : ConnectionEnd.Other,
        _ when GetFields(value).Any(static held => held is ConnectionDelegate) => seen.Add(value) ? FindInFields(value, seen) : ConnectionEnd.Other,
        _ => isClear && !IsMadeOfConnections(value.GetType()) ? ConnectionEnd.Other : ConnectionEnd.Unknown,
    };

    /// <summary>Whether it is a list or a dictionary of delegates, for example.</summary>
    private static bool IsMadeOfConnections(Type type) =>
        type.GetElementType() == typeof(ConnectionDelegate) || type.GenericTypeArguments.Contains(typeof(ConnectionDelegate));

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A field that is in use is not trimmed, and the next delegate is used.")]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "A field that is in use is not trimmed, and the next delegate is used.")]
    private static IEnumerable<object> GetFields(object holder)
    {
        for (var type = holder.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (field.GetValue(holder) is { } value)
                {
                    yield return value;
                }
            }
        }
    }

    private static bool IsClosure(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
