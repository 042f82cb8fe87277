using System.Diagnostics.CodeAnalysis;

namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>What holds whatever comes from the wire.</summary>
internal static class Oracle
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, string rule)
    {
        if (!condition)
        {
            throw new OracleException(rule);
        }
    }

    public static void Same<T>(T expected, T actual, string rule)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new OracleException($"{rule} Expected <{expected}> and got <{actual}>.");
        }
    }

    /// <summary>The result of what has no reason to wait.</summary>
    public static T AtOnce<T>(ValueTask<T> task)
    {
        Holds(task.IsCompleted, "Nothing waits while there is something to read.");
        return task.GetAwaiter().GetResult();
    }

    /// <summary>The result of what has no reason to wait.</summary>
    public static T AtOnce<T>(Task<T> task)
    {
        Holds(task.IsCompleted, "Nothing waits while there is something to read.");
        return task.GetAwaiter().GetResult();
    }
}
