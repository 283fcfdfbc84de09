// Does a Java package still do its work? Loads the class as Lambda's runtime does, through a child class loader over
// /var/task/ and /var/task/lib/*.jar in the order of their names, calls CLASS::METHOD with {"name": NAME}, and prints
// what it returns. Of JSON it writes only what the handler of the corpus needs.

import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

public final class RunHandler {
  public static void main(String[] arguments) throws Exception {
    String[] handler = arguments[0].split("::");
    try (URLClassLoader loader = new URLClassLoader(classPath(), RunHandler.class.getClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      Class<?> type = loader.loadClass(handler[0]);
      Method method = type.getMethod(handler[1], Map.class);
      Object answer = method.invoke(type.getDeclaredConstructor().newInstance(), Map.of("name", arguments[1]));
      System.out.println("{\"response\": " + json(answer) + "}");
    }
  }

  private static URL[] classPath() throws Exception {
    List<URL> urls = new ArrayList<>();
    urls.add(new File("/var/task/").toURI().toURL());
    File[] jars = new File("/var/task/lib").listFiles((folder, name) -> name.endsWith(".jar"));
    if (jars != null) {
      Arrays.sort(jars);
      for (File jar : jars) {
        urls.add(jar.toURI().toURL());
      }
    }
    return urls.toArray(new URL[0]);
  }

  private static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      StringJoiner members = new StringJoiner(", ", "{", "}");
      map.forEach((key, member) -> members.add("\"" + key + "\": " + json(member)));
      return members.toString();
    }
    return value instanceof Number || value instanceof Boolean ? value.toString() : "\"" + value + "\"";
  }
}
